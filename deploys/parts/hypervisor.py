"""The host: what carries the root VM, and the machine itself."""

import os
import platform

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.execute.image.host import TOOLS
from rockpool.execute.image.recipes import PACKAGES
from rockpool.operations import accounts, image, machine, secrets, tools


@deploy("Hypervisor")
def hypervisor() -> None:
    """Everything that happens on the user's own machine."""
    carries = host.data.runtime != "ssh"
    {"qemu": qemu, "tart": _tart, "ssh": _ssh}[host.data.runtime]()
    images = [host.data.machine["image"]] if carries else []
    image.present(name="Images and our packages", images=[*images, *PACKAGES])
    secrets.admin(name="Password of the door")
    if carries:
        machine.present(name="Root VM", spec=host.data.machine, runtime=host.data.runtime)


def qemu() -> None:
    """What QEMU machines need of their host."""
    arch = platform.machine()
    tools.present(
        name="QEMU and the tools of image and machine",
        tools={
            **TOOLS,
            f"qemu-system-{arch}": "qemu-system-x86" if arch == "x86_64" else "qemu-system-arm",
            "qemu-img": "qemu-utils",
            "ssh": "openssh-client",
            "ssh-keygen": "openssh-client",
        },
    )
    # Without root, QEMU runs as whoever asks for it.
    if os.geteuid() == 0:
        accounts.system_user(name="Account that QEMU runs as", user="rockpool-vm", home="/nonexistent")


def _ssh() -> None:
    """What this machine needs when the root VM is somebody else's: only the tools of our packages."""
    tools.present(name="The tools of our packages", tools=TOOLS)


def _tart() -> None:
    tools.present(name="Tart", tools={"tart": "tart"})
