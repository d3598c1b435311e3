"""The barrier, on two hosts that are stand-ins: this machine as the hypervisor, and a machine that need not answer."""

from contextlib import suppress
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op, operation
from pyinfra.api.operations import run_ops
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.local import LocalConnector
from pyinfra.connectors.util import CommandOutput
from pyinfra.context import host

from rockpool.operations import machine


class Guest(LocalConnector):
    """Runs its commands here once it has booted."""

    boots = True
    fault = ""

    def await_boot(self, seconds: float) -> str:
        Guest.fault = "" if self.boots else f"no answer after {seconds:g} s"
        return Guest.fault

    def run_shell_command(self, *args, **kwargs):
        return (False, CommandOutput([])) if self.fault else super().run_shell_command(*args, **kwargs)


@operation()
def note(log: Path, what: str, on: str, *, fails: bool = False):
    if on in host.groups:
        yield StringCommand("false" if fails else f"echo {what} >>{log}")


def deploy(log: Path, *, host_fails: bool = False) -> set[str]:
    """Deploy both halves with the barrier between them; return the hosts that failed."""
    groups = {"hypervisors": (["@local"], {}), "root_vms": (["@fake/vm"], {})}
    inventory = Inventory((["@local", "@fake/vm"], {}), **groups)
    inventory.get_host("@fake/vm").connector_cls = Guest
    state = State(inventory, Config(TEMP_DIR="/tmp"), check_for_changes=False)
    state.set_stage(StateStage.Connect)
    connect_all(state)
    state.set_stage(StateStage.Prepare)
    add_op(state, note, log, "H", "hypervisors", fails=host_fails)
    add_op(state, machine.reachable, seconds=7)
    add_op(state, note, log, "V", "root_vms")
    state.set_stage(StateStage.Execute)
    with suppress(PyinfraError):  # when no host is left
        run_ops(state)
    return {failed.name for failed in state.failed_hosts}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Guest, "boots", True)
    return tmp_path / "log"


def test_the_machine_is_worked_in_once_it_answers(log: Path):
    assert deploy(log) == set()
    assert log.read_text().split() == ["H", "V"]


def test_a_machine_that_does_not_boot_fails_and_nothing_is_done_in_it(log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Guest, "boots", False)
    assert deploy(log) == {"@fake/vm"}
    assert log.read_text().split() == ["H"]


def test_a_machine_of_somebody_else_is_left_alone_too(log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(Guest, "await_boot")
    assert deploy(log, host_fails=True) == {"@local", "@fake/vm"}
    assert not log.exists()


def test_a_machine_that_runs_from_earlier_is_left_alone_when_its_hypervisor_failed(log: Path):
    assert deploy(log, host_fails=True) == {"@local", "@fake/vm"}
    assert not log.exists()
