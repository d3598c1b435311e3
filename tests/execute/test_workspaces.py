"""A workspace's steps from the host: told, in order, up to the first that fails."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute import workspaces
from rockpool.step import Argv, Run, Steps, Wait, Write


@dataclass(frozen=True, kw_only=True)
class Machine(workspaces.Session):
    """Stands for a machine: an argv that begins with `false` fails, `flaky` succeeds at its third call."""

    name: str = "m"
    control: Path = Path("/nowhere")
    calls: list[Argv] = field(default_factory=list)

    def run(self, argv: Argv, *, seconds: float, stdin: str | None = None) -> str:  # noqa: ARG002
        self.calls.append(argv if stdin is None else (*argv, stdin))
        if argv[0] == "false" or (argv[0] == "flaky" and self.calls.count(argv) < 3):
            raise StepFailed(f"{argv[0]} exited 1", why="it says so")
        homes = '{"demo":{"user":5001,"disk":0,"cloned":false}},"kept":{"old.1":{"user":5002}}'
        return f'{{"containers":[],"homes":{homes},"routes":[],"ports":[]}}'


def carried_out(*steps: Run | Wait | Write) -> tuple[list[Argv], list[str]]:
    machine, told = Machine(), list[str]()
    wished: Steps = steps
    workspaces.carry_out(wished, machine, told.append)
    return machine.calls, told


def test_steps_are_done_in_order_and_told() -> None:
    calls, told = carried_out(Run(argv=("a",), why="do a"), Run(argv=("b",), stdin="x", why="do b"))
    assert calls == [("a",), ("b", "x")]
    assert [line.split(":")[0].strip() for line in told] == ["do a …", "do a", "do b …", "do b"]


def test_the_first_failure_ends_it_in_the_steps_own_words() -> None:
    with pytest.raises(StepFailed, match="cannot do a\n  why: it says so"):
        carried_out(Run(argv=("false",), why="do a"), Run(argv=("b",), why="do b"))


def test_a_step_that_is_not_required_may_fail() -> None:
    calls, _ = carried_out(Run(argv=("false",), why="try a", required=False), Run(argv=("b",), why="do b"))
    assert calls == [("false",), ("b",)]


def test_a_wait_asks_again() -> None:
    calls, _ = carried_out(Wait(argv=("flaky",), why="it answers", seconds=20))
    assert len(calls) == 3


def test_a_wait_has_a_deadline() -> None:
    with pytest.raises(DeadlinePassed, match="it answers\n  why: it says so"):
        carried_out(Wait(argv=("false",), why="it answers", seconds=0.01))


def test_a_file_is_not_something_to_write_here() -> None:
    with pytest.raises(TypeError):
        carried_out(Write(path="/x", content="", why="write x"))


def test_the_survey_knows_whose_numbers_are_taken() -> None:
    runtime, there = workspaces.survey(Machine())
    assert runtime.users == {"demo": 5001, "old.1": 5002}
    assert list(there) == ["demo"]
