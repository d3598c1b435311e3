"""A deployed machine that is saved with its memory, and the machines that tests restore from it.

All of it lies in a home of its own, beside the user's: images stay there from run to run, machines do not.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rockpool.errors import DeadlinePassed, RockpoolError
from rockpool.execute import deploy, home, machine, process, settings
from rockpool.execute.machine import account, keys, qmp
from rockpool.execute.machine.directory import BOOT_FILES, directory, existing, whole
from rockpool.execute.machine.until import until
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Forward
from tests.bed import ports
from tests.bed.guest import Guest
from tests.bed.namespace import Namespace

MEMORY = "memory"
"""The file with the memory and devices of a saved machine, in its directory."""

SPEC = {"cpus": 2, "memory": "3g", "system": "8g", "state": "1g", "workspaces": "8g"}
SECONDS = 300

_CAPABILITIES = [{"capability": name, "state": True} for name in ("mapped-ram", "multifd")]


def test_home() -> Path:
    """Return the home of the test bed: `ROCKPOOL_TEST_HOME`, by default in the XDG cache directory."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("ROCKPOOL_TEST_HOME") or cache / "rockpool-tests").absolute()


def clean() -> None:
    """Destroy every machine of the test bed; a run that was killed may have left some. Images stay."""
    for name in machine.survey():
        machine.destroy(name)


def deployed(tell: Callable[[str], None]) -> str:
    """Make the root VM by the one deploy that everybody uses, and return its name."""
    doors = dict(zip(("app", "ide", "preview"), ports.free(3), strict=True))
    tables: dict[str, Mapping[str, object]] = {"machine": SPEC, "ports": doors}
    (home.home() / "settings.toml").write_text("".join(_toml(table, rows) for table, rows in tables.items()))
    deploy.refuse_failure(deploy.run("-y", tell=tell))
    return settings.machine().name


def _toml(table: str, rows: Mapping[str, object]) -> str:
    return f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())


def save(name: str) -> None:
    """Save a running machine with its memory beside its disks, and end it. Nothing may change its disks after that."""
    saved, _ = whole(name)
    process.run(machine.ssh_command(saved, "sync"), seconds=60)
    with qmp.connect(saved.path, seconds=SECONDS) as control:
        control.execute("migrate-set-capabilities", capabilities=_CAPABILITIES)
        control.execute("stop")
        control.execute("migrate", uri=f"file:{MEMORY}")
        _await_migration(control)
        control.execute("quit")
    machine.stop(name)


@contextmanager
def restored(name: str, saved: str, namespace: Namespace | None = None) -> Iterator[Guest]:
    """Have a machine of its own, as `saved` was, for the block. In a closed network its IPv6 prefix is public."""
    _copy(name, saved)
    try:
        with _led(name, namespace):
            _resume(name, saved, namespace)
            yield guest(name)
    finally:
        machine.destroy(name)


def guest(name: str) -> Guest:
    """Return a machine as a test sees it."""
    return Guest(ssh=machine.ssh_command(existing(name)))


def _resume(name: str, saved: str, namespace: Namespace | None) -> None:
    launch = machine.Launch(
        prefix=namespace.prefix if namespace else (),
        network=("ipv6-prefix=2001:db8:5::", "ipv6-prefixlen=64") if namespace else (),
        extra=("-incoming", "defer"),
    )
    machine.start(name, launch=launch)
    memory = existing(saved).path / MEMORY
    with qmp.connect(existing(name).path, seconds=SECONDS) as control:
        control.execute("migrate-set-capabilities", capabilities=_CAPABILITIES)
        control.execute("migrate-incoming", uri=f"file:{memory}")
        _await_migration(control)
        control.execute("cont")
    machine.await_ready(name, 120)
    # Its clock stood still since it was saved.
    guest(name).run("date", "--set", f"@{time.time():.3f}")


def _await_migration(control: Any) -> None:
    for _ in until(SECONDS, 0.05):
        status = control.execute("query-migrate").get("status")
        if status == "completed":
            return
        if status in ("failed", "cancelled"):
            raise RockpoolError("QEMU cannot save or restore the machine", why=str(control.execute("query-migrate")))
    raise DeadlinePassed("the machine is not saved or restored", why=f"QEMU took more than {SECONDS} s")


def _copy(name: str, saved: str) -> None:
    """Make a machine whose disks are laid over those of the saved one, with ports of its own."""
    source, spec = whole(saved)
    copy, user = directory(name), account.account()
    copy.make()
    account.give(copy, user)
    for file in BOOT_FILES:
        os.link(source.path / file, copy.path / file)
    for key in (keys.USER_KEY, keys.HOST_KEY):
        shutil.copy2(source.path / key, copy.path)
        shutil.copy2(source.path / f"{key}.pub", copy.path)
    for disk in DISKS:
        argv = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(source.path / f"{disk}.qcow2"))
        process.run((*user.prefix, *argv, f"{disk}.qcow2"), cwd=copy.path)
    for file in ("image.json", "boot.json"):
        copy.write_json(file, source.json(file))
    guest_ports = [*(forward.guest_port for forward in spec.forwards), ports.SPARE]
    ssh, *doors = ports.free(1 + len(guest_ports))
    forwards = tuple(Forward(host_port=port, guest_port=inner) for port, inner in zip(doors, guest_ports, strict=True))
    copy.write_json("spec.json", replace(spec, name=name, ssh_port=ssh, forwards=forwards).to_data())


@contextmanager
def _led(name: str, namespace: Namespace | None) -> Iterator[None]:
    """Lead the machine's ports into the closed network, where its QEMU holds the same ones."""
    with ExitStack() as stack:
        spec = existing(name).spec
        if namespace and spec:
            for port in (spec.ssh_port, *(forward.host_port for forward in spec.forwards)):
                stack.enter_context(namespace.forward(port))
        yield
