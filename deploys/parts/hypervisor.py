"""The host: what carries the root VM, and the machine itself."""

import os
import platform

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from rockpool.execute.image.recipes import PACKAGES
from rockpool.operations import accounts, image, machine, secrets, tools


@deploy("Hypervisor")
def hypervisor() -> None:
    """Everything that happens on the user's own machine."""
    {"qemu": qemu, "tart": _tart}[host.data.runtime]()
    image.present(name="Images and our packages", images=[host.data.machine["image"], *PACKAGES])
    secrets.admin(name="Password of the door")
    machine.present(name="Root VM", spec=host.data.machine, runtime=host.data.runtime)


def qemu() -> None:
    """What QEMU machines need of their host."""
    arch = platform.machine()
    tools.present(
        name="QEMU and the tools of image and machine",
        tools={
            f"qemu-system-{arch}": "qemu-system-x86" if arch == "x86_64" else "qemu-system-arm",
            "qemu-img": "qemu-utils",
            "mmdebstrap": "mmdebstrap",
            "setpriv": "util-linux",
            "ssh": "openssh-client",
            "ssh-keygen": "openssh-client",
        },
    )
    # Without root, QEMU runs as whoever asks for it.
    if os.geteuid() == 0:
        accounts.system_user(name="Account that QEMU runs as", user="rockpool-vm", home="/nonexistent")


def _tart() -> None:
    tools.present(name="Tart", tools={"tart": "tart"})
