"""A machine that exists only in memory, so that an operation can be carried out twice: the second time, nothing."""

import hashlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.fake import FakeConnector
from pyinfra.connectors.util import CommandOutput, OutputLine

from rockpool.facts.script import code


@dataclass
class Entry:
    kind: str
    mode: str
    user: str
    group: str
    content: str = ""


@dataclass
class Unit:
    active: str = "inactive"
    enabled: str = "disabled"
    started: float = 0
    changed: float = 0
    stale: bool = False


@dataclass
class Machine:
    """What the commands of our operations read and change. `changes` are those that changed something, in order."""

    clock: float = 1000
    entries: dict[str, Entry] = field(default_factory=dict)
    written: dict[str, float] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    uploads: set[str] = field(default_factory=set)
    passwd: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    subids: dict[str, list[str]] = field(default_factory=lambda: {"subuid": [], "subgid": []})
    linger: set[str] = field(default_factory=set)
    kernel: dict[str, str] = field(default_factory=dict)
    disks: dict[str, dict[str, str]] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    dies_after: int = 1000

    def run(self, argv: list[str], stdin: str) -> list[str] | None:
        """Carry out a command; return its output lines, or None when it fails."""
        name, arguments = (argv[3], argv[4:]) if argv[:2] == ["sh", "-c"] else (argv[0], argv[1:])
        if argv[:2] == ["sh", "-c"]:
            assert argv[2] == code(name)
        look = getattr(self, f"look_{name}", None)
        if look:
            answer: list[str] = look(*arguments)
            return answer
        if len(self.changes) >= self.dies_after:
            return None
        self.clock += 1
        self.changes.append(" ".join([name, *arguments]))
        act = getattr(self, f"act_{name.rpartition('/')[2].replace('-', '_')}")
        return None if act(*arguments, **({"stdin": stdin} if name == "write" else {})) is False else []

    def look_file(self, path: str) -> list[str]:
        entry = self.entries.get(path)
        if entry is None:
            return []
        kinds = {"file": "regular file", "link": "symbolic link"}
        lines = [f"{entry.mode} {entry.user} {entry.group} {kinds.get(entry.kind, entry.kind)}"]
        if entry.kind == "file":
            lines.append(f"{hashlib.sha256(entry.content.encode()).hexdigest()}  -")
        return lines + ([entry.content] if entry.kind == "link" else [])

    def act_write(self, dest: str, mode: str, user: str, group: str, size: str, *_validate: str, stdin: str) -> None:
        assert len(stdin.encode()) == int(size)
        self.entries[dest] = Entry("file", mode, user, group, stdin)
        self.written[dest] = self.clock
        unit = self.units.setdefault(dest.rpartition("/")[2], Unit())
        unit.stale = True

    def act_install(self, *arguments: str) -> None:
        _d, _m, mode, *rest = arguments
        user, group = (rest[1], rest[3]) if "-o" in rest else ("root", "root")
        self.entries[arguments[-1]] = Entry("directory", mode, user, group)

    def act_link(self, path: str, target: str) -> None:
        self.entries[path] = Entry("link", "777", "root", "root", target)

    def act_rm(self, *arguments: str) -> None:
        self.entries.pop(arguments[-1], None)
        self.uploads.clear()

    def look_unit(self, _user: str, name: str, *inputs: str) -> list[str]:
        unit = self.units.get(name, Unit())
        own = f"/etc/systemd/system/{name}"
        files = [f"file={self.written[path]} {path}" for path in (own, *inputs) if path in self.written]
        return [
            "LoadState=loaded",
            f"ActiveState={unit.active}",
            f"UnitFileState={unit.enabled}",
            f"NeedDaemonReload={'yes' if unit.stale else 'no'}",
            f"FragmentPath={own}",
            f"InactiveExitTimestamp={_stamp(unit.started)}",
            f"StateChangeTimestamp={_stamp(unit.changed)}",
            *files,
        ]

    def act_user_systemctl(self, _user: str, *arguments: str) -> None:
        self.act_systemctl(*arguments)

    def act_systemctl(self, verb: str, *names: str) -> None:
        if verb in ("daemon-reload", "enable"):
            for unit in self.units.values():
                unit.stale = False
        for unit in (self.units.setdefault(name, Unit()) for name in names):
            if verb == "enable":
                unit.enabled = "enabled"
            elif verb == "unmask":
                unit.enabled = "disabled"
            elif verb in ("start", "restart"):
                unit.active, unit.started, unit.changed = "active", self.clock, self.clock
                self._mount(names[0])
            elif verb == "reload":
                unit.changed = self.clock
            elif verb == "reset-failed":
                unit.active = "inactive"

    def _mount(self, name: str) -> None:
        text = self.entries.get(f"/etc/systemd/system/{name}")
        if name.endswith(".mount") and text:
            told = dict(line.partition("=")[::2] for line in text.content.splitlines())
            disk = self.disks[told["What"]]
            self.mounts[told["Where"]] = f"{disk['LABEL']} {disk['TYPE']} rw,{told['Options']}"

    def look_packages(self, _uploads: str, *_verify: str) -> list[str]:
        return [f"installed {name} {version}" for name, version in self.packages.items()] + [
            f"upload {name}" for name in self.uploads
        ]

    def act_install_packages(self, _refresh: str, *names: str) -> None:
        for name in names:
            if name.startswith("/"):
                assert name.rpartition("/")[2] in self.uploads
                self.packages[name.rpartition("/")[2].removesuffix(".deb")] = "2"
            else:
                self.packages[name] = "1"

    def look_account(self) -> list[str]:
        lines = [f"/etc/passwd:{':'.join(row)}" for row in self.passwd.values()]
        lines += [
            f"/etc/group:{name}:x:{gid}:{','.join(sorted(self.members.get(name, ())))}"
            for name, gid in self.groups.items()
        ]
        lines += [f"/etc/{kind}:{row}" for kind, rows in self.subids.items() for row in rows]
        return lines + [f"linger:{user}" for user in self.linger]

    def act_groupadd(self, *arguments: str) -> None:
        options = _options(arguments[:-1])
        self.groups[arguments[-1]] = options.get("--gid", "990")

    def act_useradd(self, *arguments: str) -> None:
        options, user = _options(arguments[:-1]), arguments[-1]
        gid = self.groups[options["--gid"]]
        uid = options.get("--uid", "990")
        self.passwd[user] = [user, "x", uid, gid, "", options["--home-dir"], options["--shell"]]
        for group in filter(None, options["--groups"].split(",")):
            self.members.setdefault(group, set()).add(user)

    def act_usermod(self, *arguments: str) -> None:
        user = arguments[-1]
        for option, value in _options(arguments[:-1]).items():
            kind = option[-7:].removesuffix("s")
            if option.startswith("--add-sub"):
                first, last = value.split("-")
                self.subids[kind].append(f"{user}:{first}:{int(last) - int(first) + 1}")
            elif option == "--shell":
                self.passwd[user][6] = value
            elif option == "--home":
                self.passwd[user][5] = value

    def act_loginctl(self, _verb: str, user: str) -> None:
        self.linger.add(user)

    def look_sysctl(self, file: str, *paths: str) -> list[str]:
        lines = self.look_file(file)[1:]
        return lines + [f"{path}:{self.kernel[path]}" for path in paths if path in self.kernel]

    def act_systemd_sysctl(self, file: str) -> None:
        for line in self.entries[file].content.splitlines():
            key, _, value = line.partition(" = ")
            self.kernel[key.replace(".", "/")] = value.replace(" ", "\t")

    def look_disk(self, source: str, mountpoint: str, unit: str) -> list[str]:
        disk = self.disks.get(source)
        lines = [] if disk is None else ["THERE=yes", *(f"{key}={value}" for key, value in disk.items())]
        if disk is not None and "TYPE" not in disk:
            lines.append("PROBE=2")
        if mountpoint in self.mounts:
            lines.append(f"MOUNT={self.mounts[mountpoint]}")
        lines += [f"UNIT={line}" for line in self.look_file(unit)[1:]]
        enabled = self.units.get(unit.rpartition("/")[2], Unit()).enabled == "enabled"
        return lines + (["ENABLED=yes"] if enabled else [])

    def act_grow_image(self, path: str, size: str, *_mountpoint: str) -> None:
        self.disks.setdefault(path, {})["BYTES"] = size

    def act_make_filesystem(self, source: str, fstype: str, label: str) -> None:
        self.disks[source].update({"TYPE": fstype, "LABEL": label})

    def act_refuse(self, _text: str) -> bool:
        return False


def _stamp(seconds: float) -> str:
    return f"Thu 1970-01-01 {int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}.000000 UTC"


def _options(words: tuple[str, ...]) -> dict[str, str]:
    """Read `--flag --key value` words."""
    pairs = zip(words, (*words[1:], ""), strict=True)
    return {word: value for word, value in pairs if word.startswith("--") and not value.startswith("--")}


Converge = Callable[..., list[str]]


@pytest.fixture
def machine() -> Machine:
    """Return an empty machine; a test may put things on it."""
    return Machine()


@pytest.fixture
def converge(machine: Machine) -> Converge:
    """Return a function that carries out one operation on the machine and returns the commands that changed it."""

    class Double(FakeConnector):
        def run_shell_command(self, command: Any, *_args: Any, **kwargs: Any) -> tuple[bool, CommandOutput]:
            raw = command.get_raw_value() if isinstance(command, StringCommand) else command
            lines = machine.run(shlex.split(_unguarded(raw)), kwargs.get("_stdin") or "")
            return lines is not None, CommandOutput([OutputLine("stdout", line) for line in lines or []])

        def put_file(self, _source: Any, remote_filename: str, *_args: Any, **_kwargs: Any) -> bool:
            machine.uploads.add(remote_filename.rpartition("/")[2])
            machine.changes.append(f"upload {remote_filename}")
            return True

    def carry_out(operation: Any, **wanted: Any) -> list[str]:
        before = len(machine.changes)
        inventory = Inventory((["@fake/machine"], {}))
        inventory.get_host("@fake/machine").connector_cls = Double
        state = State(inventory, Config(TEMP_DIR="/tmp"), check_for_changes=False)
        state.set_stage(StateStage.Connect)
        connect_all(state)
        state.set_stage(StateStage.Prepare)
        add_op(state, operation, **wanted)
        state.set_stage(StateStage.Execute)
        try:
            run_ops(state)
        except PyinfraError:
            return ["failed", *machine.changes[before:]]
        return machine.changes[before:]

    return carry_out


def _unguarded(command: str) -> str:
    """Take away what pyinfra wraps around a fact that needs a program."""
    head, mark, rest = command.partition("then ( ")
    return rest.rpartition(" ); else ")[0] if mark and head.startswith("if command -v") else command
