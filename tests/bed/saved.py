"""A deployed machine that is saved with its memory, and the machines that tests restore from it.

All of it lies in a home of its own, beside the user's: images stay there from run to run, machines do not.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from rockpool.current import State
from rockpool.errors import DeadlinePassed, RockpoolError
from rockpool.execute import deploy, home, machine, process, settings
from rockpool.execute.machine import account, keys, qmp
from rockpool.execute.machine.directory import BOOT_FILES, Directory, directory, existing, whole
from rockpool.execute.machine.until import until
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Forward, Machine
from tests.bed import connection, lanes, ports
from tests.bed.guest import Guest
from tests.bed.namespace import Namespace

MEMORY = "memory"
"""The file with the memory and devices of a saved machine, in its directory."""

SPEC = {"cpus": 2, "memory": "3g", "system": "8g", "state": "1g", "workspaces": "8g"}
SECONDS = 300

_ONE_PROCESSOR = "for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do echo 0 >$cpu; done"
"""For machines beside others, on a host with a processor for each: a second one, when it is emulated, waits for the
first most of the time, and wastes a quarter of both."""

_CAPABILITIES = [{"capability": name, "state": True} for name in ("mapped-ram", "multifd")]


def clean(keep: Collection[str] = ()) -> None:
    """Destroy every machine of the test bed but these; a run that was killed may have left some. Images stay."""
    for name in machine.survey():
        if name not in keep:
            machine.destroy(name)


def is_saved(name: str) -> bool:
    """Say whether a machine of that name was saved."""
    return (directory(name).path / MEMORY).is_file() and machine.survey()[name].state is State.STOPPED


def deployed(tell: Callable[[str], None]) -> str:
    """Make the root VM by the one deploy that everybody uses, and return its name."""
    doors = dict(zip(("app", "ide", "preview"), ports.free(3), strict=True))
    choose(machine={**SPEC, "ssh_port": ports.free(1)[0]}, ports=doors)  # another lane may be looking for one, too
    deploy.refuse_failure(deploy.run("-y", tell=tell))
    return settings.machine().name


def choose_doors(spec: Machine) -> None:
    """Write settings that fit a machine which is there."""
    doors = {door: forward.host_port for door, forward in zip(settings.PORTS, spec.forwards, strict=True)}
    choose(machine=SPEC, ports=doors)


def choose(**tables: Mapping[str, object]) -> None:
    """Write the settings of the home."""
    (home.home() / "settings.toml").write_text("".join(_toml(table, rows) for table, rows in tables.items()))


def _toml(table: str, rows: Mapping[str, object]) -> str:
    return f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())


def save(name: str) -> None:
    """Save a running machine with its memory beside its disks, and end it. Nothing may change its disks after that."""
    saved, _ = whole(name)
    guest(name).run("sync")
    connection.end(saved)
    with qmp.connect(saved.path, seconds=SECONDS) as control:
        control.execute("migrate-set-capabilities", capabilities=_CAPABILITIES)
        control.execute("stop")
        control.execute("migrate", uri=f"file:{MEMORY}.part")
        _await_migration(control)
        control.execute("quit")
    machine.stop(name)
    (saved.path / f"{MEMORY}.part").rename(saved.path / MEMORY)


@contextmanager
def restored(name: str, saved: str, namespace: Namespace | None = None) -> Iterator[Guest]:
    """Have a machine of its own, as `saved` was, for the block. In a closed network its IPv6 prefix is public."""
    source, spec = whole(saved)
    copy = directory(name)
    lay_over(copy, source, with_own_ports(replace(spec, name=name), ports.SPARE))
    try:
        with _led(name, namespace):
            resume(copy, source, namespace)
            yield guest(name)
    finally:
        machine.destroy(name)


def guest(name: str) -> Guest:
    """Return a machine as a test sees it."""
    return Guest(ssh=connection.shared(existing(name)))


def resume(copy: Directory, source: Directory, namespace: Namespace | None = None) -> None:
    """Go on with what `source` was doing when it was saved."""
    launch = machine.Launch(
        prefix=namespace.prefix if namespace else (),
        network=("ipv6-prefix=2001:db8:5::", "ipv6-prefixlen=64") if namespace else (),
        extra=("-incoming", "defer"),
    )
    machine.start(copy.name, launch=launch)
    with qmp.connect(copy.path, seconds=SECONDS) as control:
        control.execute("migrate-set-capabilities", capabilities=_CAPABILITIES)
        control.execute("migrate-incoming", uri=f"file:{_way(copy, source)}/{MEMORY}")
        _await_migration(control)
        control.execute("cont")
    machine.await_ready(copy.name, 300)
    found = guest(copy.name)
    # Its clock stood still since it was saved.
    found.run("date", "--set", f"@{time.time():.3f}")
    leave_room(found)


def leave_room(guest: Guest) -> None:
    """Let a machine beside another lane's have one processor."""
    if lanes.LANE:
        guest.sh(_ONE_PROCESSOR)


def _await_migration(control: Any) -> None:
    for _ in until(SECONDS, 0.05):
        status = control.execute("query-migrate").get("status")
        if status == "completed":
            return
        if status in ("failed", "cancelled"):
            raise RockpoolError("QEMU cannot save or restore the machine", why=str(control.execute("query-migrate")))
    raise DeadlinePassed("the machine is not saved or restored", why=f"QEMU took more than {SECONDS} s")


def with_own_ports(spec: Machine, *more: int) -> Machine:
    """Return the spec with free ports of this host instead of its own, and forwards to `more` of the guest's."""
    inner = [*(forward.guest_port for forward in spec.forwards), *more]
    ssh, *outer = ports.free(1 + len(inner))
    forwards = tuple(Forward(host_port=port, guest_port=guest) for port, guest in zip(outer, inner, strict=True))
    return replace(spec, ssh_port=ssh, forwards=forwards)


def _way(copy: Directory, source: Directory) -> str:
    """Return the relative way: QEMU's account may not pass through whose home all of this lies in."""
    return os.path.relpath(source.path, copy.path)


def lay_over(copy: Directory, source: Directory, spec: Machine) -> None:
    """Make a machine whose disks lie over those of the saved one."""
    user = account.account()
    copy.make()
    account.give(copy, user)
    for file in BOOT_FILES:
        os.link(source.path / file, copy.path / file)
    for key in (keys.USER_KEY, keys.HOST_KEY):
        shutil.copy2(source.path / key, copy.path)
        shutil.copy2(source.path / f"{key}.pub", copy.path)
    for disk in DISKS:
        base = f"{_way(copy, source)}/{disk}.qcow2"
        argv = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base)
        process.run((*user.prefix, *argv, f"{disk}.qcow2"), cwd=copy.path)
    for file in ("image.json", "boot.json"):
        copy.write_json(file, source.json(file))
    copy.write_json("spec.json", spec.to_data())


@contextmanager
def _led(name: str, namespace: Namespace | None) -> Iterator[None]:
    """Lead the machine's ports into the closed network, where its QEMU holds the same ones."""
    with ExitStack() as stack:
        spec = existing(name).spec
        if namespace and spec:
            for port in (spec.ssh_port, *(forward.host_port for forward in spec.forwards)):
                stack.enter_context(namespace.forward(port))
        yield
