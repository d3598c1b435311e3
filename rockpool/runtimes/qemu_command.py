"""QEMU's command line for a machine, computed from values alone.

Every file is named relative to the machine's directory, which is QEMU's working directory: so an account without
privileges needs no way through the user's home, and the path of the control socket stays short.
"""

from __future__ import annotations

from dataclasses import dataclass

from rockpool.runtimes.qemu import DISKS
from rockpool.spec import MIB, Forward, Machine
from rockpool.step import Argv

SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

_BOARDS = {"x86_64": "q35", "aarch64": "virt"}
_CONSOLES = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
_ACCELERATORS = {"kvm": "kvm", "tcg": "tcg,thread=multi"}
_EMULATED = {"x86_64": "max,avx=off,avx2=off,erms=off,fsrm=off", "aarch64": "max"}
"""Without what libraries and the kernel prefer because it is fast, and which is slow when it is translated."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How one start differs from the ordinary one; the test bed uses it.

    `prefix` runs QEMU, such as `nsenter` into a network namespace (it has to exec, so that the pid stays). `network`
    are further options of the user network, such as `ipv6-prefix=2001:db8:5::`. `extra` are further arguments of
    QEMU, such as `-incoming defer`.
    """

    prefix: Argv = ()
    network: Argv = ()
    extra: Argv = ()


def command(
    machine: Machine,
    *,
    arch: str,
    accelerator: str,
    uuid: str,
    credentials: dict[str, str],
    launch: Launch | None = None,
) -> Argv:
    """Return the argv of QEMU. `machine.ssh_port` is settled; `credentials` maps a credential's name to its file.

    The file has to hold what `credential_text` returns for the same architecture.
    """
    launch = launch or Launch()
    return (
        f"qemu-system-{arch}",
        *("-name", machine.name, "-uuid", uuid, "-nodefaults", "-no-user-config", "-display", "none"),
        *("-machine", _BOARDS[arch], "-accel", _ACCELERATORS[accelerator]),
        *("-cpu", "host" if accelerator == "kvm" else _EMULATED[arch]),
        *("-m", f"{machine.memory // MIB}M", "-smp", str(machine.cpus)),
        *("-sandbox", SANDBOX, "-pidfile", "pid", "-qmp", "unix:qmp.sock,server=on,wait=off"),
        *("-serial", "file:serial.log", "-device", "virtio-rng-pci"),
        *(("-device", "vmgenid,guid=auto") if arch == "x86_64" else ()),
        *("-kernel", "vmlinuz", "-initrd", "initrd.img"),
        *("-append", _kernel(arch, accelerator)),
        *(word for disk in DISKS for word in _disk(disk)),
        *("-netdev", ",".join(("user,id=net0", *_forwards(machine), *launch.network))),
        *("-device", "virtio-net-pci,netdev=net0,romfile="),
        *(word for name, file in credentials.items() for word in _credential(arch, name, file)),
        *launch.extra,
    )


def _kernel(arch: str, accelerator: str) -> str:
    """Return the kernel's command line.

    A panic restarts the guest after 5 s, as a server should; a reboot inside stays in the same process.
    """
    # Under emulation the guards against speculation are translated like all the rest: they guard nothing any more, and
    # take a quarter of the time.
    unguarded = " mitigations=off" if accelerator == "tcg" else ""
    return f"root=LABEL=rockroot rw console={_CONSOLES[arch]} panic=5{unguarded}"


def credential_text(arch: str, name: str, base64: str, plain: bytes) -> bytes:
    """Return what a credential's file holds: with SMBIOS the whole string, elsewhere the value itself."""
    return f"io.systemd.credential.binary:{name}={base64}".encode() if arch == "x86_64" else plain


def _disk(name: str) -> Argv:
    drive = f"if=none,id={name},file={name}.qcow2,format=qcow2,discard=unmap,detect-zeroes=unmap"
    return ("-drive", drive, "-device", f"virtio-blk-pci,drive={name},serial={name}")


def _forwards(machine: Machine) -> list[str]:
    ssh = Forward(host_port=machine.ssh_port, guest_port=22)
    return [f"hostfwd=tcp:{f.host_address}:{f.host_port}-:{f.guest_port}" for f in (ssh, *machine.forwards)]


def _credential(arch: str, name: str, file: str) -> Argv:
    if arch == "x86_64":
        return ("-smbios", f"type=11,path={file}")
    return ("-fw_cfg", f"name=opt/io.systemd.credentials/{name},file={file}")
