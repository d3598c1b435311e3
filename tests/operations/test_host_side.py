"""What the operations on the host would run, with its answers given."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import add_op
from pyinfra.api.state import State, StateStage
from pyinfra.connectors.local import LocalConnector
from pyinfra.connectors.util import CommandOutput, OutputLine
from pyinfra.context import ctx_host, ctx_state

from rockpool.current import MachineCurrent
from rockpool.current import State as Life
from rockpool.facts.program import PROGRAM
from rockpool.operations import image, machine, secrets
from rockpool.runtimes.qemu import current_to_data
from rockpool.spec import Machine

ROOT = {"name": "root", "memory": "2g"}


class Answering(LocalConnector):
    """Answers every question with `answer`."""

    answer: Any = None

    def run_shell_command(self, *_: Any, **__: Any) -> tuple[bool, CommandOutput]:
        return True, CommandOutput([OutputLine("stdout", json.dumps(self.answer))])


def wanted(operation: Any, answer: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Return the commands of an operation on a host that answers so."""
    inventory = Inventory((["@local"], {}))
    host = inventory.get_host("@local")
    host.connector_cls = type("Given", (Answering,), {"answer": answer})
    state = State(inventory, Config(TEMP_DIR="/tmp"), check_for_changes=False)
    state.set_stage(StateStage.Connect)
    connect_all(state)
    state.set_stage(StateStage.Prepare)
    add_op(state, operation, *args, **kwargs)
    (data,) = state.ops[host].values()
    with ctx_state.use(state), ctx_host.use(host):
        return list(_commands(data.command_generator()))


def _commands(commands: Iterator[Any]) -> Iterator[Any]:
    for command in commands:
        yield (command.args[0] if hasattr(command, "function") else tuple(str(bit.obj) for bit in command.bits))


def survey(state: Life, **spec: Any) -> dict[str, Any]:
    there = Machine.parse({**ROOT, **spec})
    return {"root": current_to_data(MachineCurrent(state=state, spec=there))}


def test_an_absent_machine_is_made_and_started():
    verbs = [words[len(PROGRAM) :] for words in wanted(machine.present, {}, ROOT)]
    assert [words for words in verbs if "machine" in words][-1] == ("machine", "start", "root")
    assert len(verbs) == 2


def test_a_machine_as_wanted_is_left_alone():
    assert wanted(machine.present, survey(Life.RUNNING), ROOT) == []


def test_a_stopped_machine_is_started():
    assert [words[-2:] for words in wanted(machine.present, survey(Life.STOPPED), ROOT)] == [("start", "root")]


@pytest.mark.parametrize(
    ("spec", "runtime", "says"),
    [
        ({**ROOT, "memory": "lots"}, "qemu", "`memory` must be"),
        ({**ROOT, "state": "1g"}, "qemu", "smaller"),
        (ROOT, "tart", "cannot make a machine on tart yet"),
    ],
)
def test_what_cannot_be_done_is_refused_by_one_failing_command(spec: dict[str, Any], runtime: str, says: str):
    ((*_, told),) = wanted(machine.present, survey(Life.RUNNING), spec, runtime=runtime)
    assert says in told
    assert "fix:" in told


def test_only_images_that_are_not_ready_are_built():
    states = {"root-vm": {"state": "ready"}, "caddy": {"state": "damaged"}, "elasticmq": {"state": "absent"}}
    runs = wanted(image.present, states, images=["root-vm", "caddy", "elasticmq"])
    assert runs == [(*PROGRAM, "image", "build", "caddy"), (*PROGRAM, "image", "build", "elasticmq")]


def test_the_password_is_made_once():
    assert wanted(secrets.admin, {"admin": True}) == []
    assert wanted(secrets.admin, {"admin": False}) == [(*PROGRAM, "host", "secrets")]


def test_a_command_that_tells_is_logged_and_its_exit_counts(tmp_path: Path):
    from types import SimpleNamespace

    from rockpool.operations.told import run_and_tell

    lines: list[str] = []
    host = SimpleNamespace(log=lambda line, **_: lines.append(line))
    assert run_and_tell(None, host, ("sh", "-c", "echo one; echo two >&2"))
    assert not run_and_tell(None, host, ("sh", "-c", "exit 3"))
    assert lines == ["one", "two"]
