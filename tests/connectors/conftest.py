"""A machine that is a directory of this one: its connector is ours, only the ssh client below it is a stand-in."""

import io
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api.config import Config
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State, StateStage

from rockpool.connectors.lazy import LazyConnector, Presence


class Stdin(io.BytesIO):
    def __init__(self) -> None:
        super().__init__()
        self.text = b""
        self.channel = SimpleNamespace(shutdown_write=self.close)

    def close(self) -> None:
        if not self.closed:
            self.text = self.getvalue()
        super().close()


class Output:
    """Runs the command when it is read, after its stdin was closed."""

    def __init__(self, command: str, stdin: Stdin, name: str) -> None:
        self.channel = SimpleNamespace(recv_exit_status=lambda: self.done.returncode)
        self._command, self._stdin, self._name = command, stdin, name
        self._done: Any = None

    @property
    def done(self) -> Any:
        if self._done is None:
            self._done = subprocess.run(["sh", "-c", self._command], input=self._stdin.text, capture_output=True)
        return self._done

    def read(self) -> bytes:
        return getattr(self.done, self._name)

    def __iter__(self) -> Any:
        return iter(self.read().decode().splitlines(keepends=True))


class Client:
    """Stands for paramiko's: what it is told to run, this machine runs."""

    def __init__(self, commands: list[str]) -> None:
        self.commands = commands

    def exec_command(self, command: str, **_: Any) -> Any:
        self.commands.append(command)
        stdin = Stdin()
        output = Output(command, stdin, "stdout")
        return stdin, output, iter(())

    def get_transport(self) -> Any:
        return SimpleNamespace(is_active=lambda: True, sock=None)

    def close(self) -> None:
        pass


@dataclass
class World:
    """What the machine is like, and what was run in it."""

    home: Path
    presence: Presence = Presence.RUNNING
    answers: bool = True
    fault: Exception | None = None
    connections: int = 0
    commands: list[str] = field(default_factory=list)

    def host(self, *, plan: bool = False, others: tuple[str, ...] = ()) -> Any:
        world = self

        class Machine(LazyConnector):
            start_hint = "start it"

            def look(self) -> Presence:
                return world.presence

            def address(self) -> Any:
                if world.fault:
                    raise world.fault
                return SimpleNamespace(host="h", port=1, user="u", key=world.home / "k", known_hosts=world.home / "h")

            def _connect(self) -> None:
                world.connections += 1
                self.address()
                if not world.answers:
                    raise OSError("connection refused")
                self.client = Client(world.commands)
                self.traffic.connections += 1

        hosts = (["@qemu/root", *others], {})
        groups = {"hypervisors": (list(others), {}), "root_vms": (["@qemu/root"], {})}
        inventory = Inventory(hosts, **groups)
        host = inventory.get_host("@qemu/root")
        host.connector_cls = Machine
        state = State(inventory, Config(TEMP_DIR="/tmp"), check_for_changes=plan)
        state.current_deploy_filename = "deploys/example.py"
        state.set_stage(StateStage.Connect)
        return host


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))
    return World(home=tmp_path)
