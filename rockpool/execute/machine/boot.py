"""Starting a machine's QEMU: in the foreground form of a process of its own, with the accelerator that boots."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import RockpoolError, StepFailed
from rockpool.execute.machine import accelerator, credentials, identity, keys, qmp, room, serial
from rockpool.execute.machine.account import Account, account, give
from rockpool.execute.machine.directory import Directory, whole
from rockpool.execute.machine.hold import hold
from rockpool.execute.machine.program import Program, program, refuse_old
from rockpool.execute.machine.until import until
from rockpool.runtimes.qemu_command import Launch, command
from rockpool.spec import Machine
from rockpool.step import Argv

LOG = "qemu.log"
QEMU_SECONDS = 60
KVM_SECONDS = 30
STOPPED_BY_ACCELERATOR = "internal-error"
"""What QEMU says of a guest whose accelerator failed: it does not exit, and waits."""


def start(name: str, *, launch: Launch | None = None) -> bool:
    """Start a machine and return when its QEMU runs; say whether it was stopped before. `await_ready` waits on.

    Raises NotFound, Damaged, HostNotReady, Busy, StepFailed with QEMU's own words.
    """
    with hold(name, "start"):
        machine, spec = whole(name)
        if _runs_well(machine):
            return False
        boot = _prepare(machine, spec, launch or Launch())
        worked = _first_that_boots(boot, accelerator.candidates(machine, boot.host))
        machine.write_json(accelerator.FILE, accelerator.remember(boot.host, worked))
        return True


@dataclass(frozen=True, kw_only=True)
class _Boot:
    """Everything that one boot needs, whichever accelerator it takes."""

    machine: Directory
    spec: Machine
    host: Program
    user: Account
    credentials: dict[str, str]
    launch: Launch

    def argv(self, kind: str) -> Argv:
        # The directory is entered after the namespaces and before root is given up.
        prefix = (*self.launch.prefix, "env", "-C", str(self.machine.path), *self.user.prefix)
        return prefix + command(
            self.spec,
            arch=self.host.arch,
            accelerator=kind,
            uuid=self.machine.uuid,
            credentials=self.credentials,
            launch=self.launch,
        )


def _prepare(machine: Directory, spec: Machine, launch: Launch) -> _Boot:
    """Check everything that can be checked beforehand, then write what the guest and ssh need."""
    host, user = program(), account()
    keys.refuse_open(machine)
    room.check(machine, spec, ports=not launch.prefix)
    give(machine, user)
    keys.write_client_files(machine, spec)
    files = credentials.write(machine, host.arch, user)
    return _Boot(machine=machine, spec=spec, host=host, user=user, credentials=files, launch=launch)


def stopped_by_itself(machine: Directory) -> str:
    """Return QEMU's last words, for an error."""
    with suppress(OSError):
        return (machine.path / LOG).read_text(errors="replace").strip()[-1500:]
    return ""


def _runs_well(machine: Directory) -> bool:
    """Say whether it runs. One that its accelerator has stopped is ended, and that accelerator not taken again."""
    pid = identity.find(machine)
    if not pid or qmp.status(machine.path) != STOPPED_BY_ACCELERATOR:
        return bool(pid)
    _end(machine, pid)
    machine.write_json(accelerator.FILE, accelerator.remember(program(), "tcg"))
    return False


def _first_that_boots(boot: _Boot, kinds: tuple[str, ...]) -> str:
    """Return the first accelerator that works; QEMU runs with it. Raises StepFailed, HostNotReady for an old QEMU."""
    faults = []
    for kind in kinds:
        if kind == "tcg":
            refuse_old(boot.host.version)
        fault = _try(boot.machine, boot.argv(kind), kind)
        if not fault:
            return kind
        faults.append(f"{kind}: {fault}")
    raise StepFailed(
        f"QEMU does not start machine {boot.machine.name!r}",
        why="; ".join(faults),
        fix=f"see {boot.machine.path / LOG}; a broken system disk is replaced by invoke vm.rebuild",
    )


def _try(machine: Directory, argv: Argv, kind: str) -> str:
    """Start QEMU. Return nothing when the guest runs; else end it and return why not."""
    pid = _spawn(machine, argv)
    try:
        # A machine that goes on from a saved state has booted before, and says nothing.
        boots = "-incoming" not in argv
        fault = _kvm_fault(machine, pid) if kind == "kvm" and boots else _start_fault(machine, pid)
    except BaseException:
        _end(machine, pid)
        raise
    if fault:
        _end(machine, pid)
    return fault


def _spawn(machine: Directory, argv: Argv) -> int:
    """Start QEMU in a session of its own that shares no pipe with us, and return its pid."""
    serial.begin(machine)
    for stale in ("pid", "qmp.sock"):
        (machine.path / stale).unlink(missing_ok=True)
    log = machine.path / LOG
    log.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        *((os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable()),
    ]
    return os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions, setsid=True)


def _inheritable() -> list[int]:
    """Return what our own starter left open for us, such as a pipe that it reads to its end."""
    numbers = sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    found = []
    for fd in numbers:
        with suppress(OSError):  # the listing's own descriptor is gone by now
            if fd > 2 and os.get_inheritable(fd):
                found.append(fd)
    return found


def _start_fault(machine: Directory, pid: int) -> str:
    """Return why QEMU does not run, or nothing once it answers."""
    for _ in until(QEMU_SECONDS):
        if _has_ended(pid):
            return stopped_by_itself(machine) or "it ended without a word"
        status = qmp.status(machine.path)
        if status:
            return "" if status != STOPPED_BY_ACCELERATOR else "it stopped the guest with an internal error"
    return f"its control socket did not answer in {QEMU_SECONDS} s"


def _kvm_fault(machine: Directory, pid: int) -> str:
    """Return why KVM does not work, or nothing once the guest has said something: a KVM that opens may still fail."""
    if fault := _start_fault(machine, pid):
        return fault
    for _ in until(KVM_SECONDS):
        if serial.read(machine):
            return ""
        if _has_ended(pid) or qmp.status(machine.path) in (STOPPED_BY_ACCELERATOR, ""):
            return "it stopped the guest with an internal error"
    return f"the guest said nothing in {KVM_SECONDS} s"


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True


def _end(machine: Directory, pid: int) -> None:
    """End a QEMU that did not come up. It is our own child, or has proven to be this machine's."""
    identity.kill(pid, machine.uuid)
    for _ in until(10):
        if _has_ended(pid) and not identity.find(machine):
            return
    raise RockpoolError(f"cannot end QEMU, process {pid}", why="it did not end in 10 s after SIGKILL")
