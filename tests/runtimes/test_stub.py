"""The runtime that only remembers, carried out for real in a directory: whatever was wished is there afterwards."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from rockpool import plan
from rockpool.current import State
from rockpool.errors import Damaged, NotFound
from rockpool.execute.hand import Hand
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace
from tests.bed.workspaces import as_wanted
from tests.runtimes.test_podman import DEMO, NOT_IN_A_CONTAINER, WISHED

WISHES = {"present": plan.present, "stopped": plan.stopped, "absent": plan.absent}


class Desk:
    """Carries wishes out in a directory."""

    def __init__(self, directory: Path) -> None:
        self.stub, self.hand = Stub(directory=str(directory)), Hand()

    def wish(self, wish: str, spec: Workspace = DEMO) -> int:
        """Carry a wish out and return how many steps that took."""
        told = self.hand.ask(self.stub.survey)
        self.stub = self.stub.surveyed(told)
        steps = WISHES[wish](spec, self.stub.parse(told).get(spec.name), self.stub)
        self.hand.carry_out(steps, lambda _step, _text: None)
        return len(steps)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_wish_is_there_the_second_time(desk: Desk) -> None:
    for wish in ("present", "stopped", "present", "absent"):
        assert desk.wish(wish) == 1
        assert desk.wish(wish) == 0


def test_a_home_is_set_aside_and_given_back_and_purged(desk: Desk) -> None:
    desk.wish("present")
    desk.wish("absent")
    desk.wish("absent")
    (kept,) = desk.stub.kept
    assert kept.startswith("demo.")
    back = replace(DEMO, home=f"kept/{kept}")
    desk.wish("present", back)
    desk.wish("present", back)
    assert desk.stub.kept == ()
    with pytest.raises(NotFound):
        desk.wish("present", replace(back, name="other"))
    desk.wish("absent")
    desk.wish("absent")
    desk.hand.carry_out(desk.stub.purge(desk.stub.kept[0]), lambda _step, _text: None)
    desk.wish("absent")
    assert desk.stub.kept == ()


def test_nothing_that_env_holds_is_written_down(desk: Desk, tmp_path: Path) -> None:
    desk.wish("present")
    assert "s3cret" not in (tmp_path / "demo.json").read_text()


@pytest.mark.parametrize("name", [field.name for field in fields(Workspace) if field.name not in NOT_IN_A_CONTAINER])
def test_each_wish_that_differs_is_remembered(name: str) -> None:
    stub = Stub(directory="/stub")
    now = as_wanted(DEMO, stub)
    spec = replace(DEMO, repository="") if name == "repository" else replace(DEMO, **{name: WISHED[name]})
    assert plan.present(spec, now, stub) != ()


@pytest.mark.parametrize("name", NOT_IN_A_CONTAINER)
def test_what_a_real_runtime_does_not_see_changes_nothing_here(name: str) -> None:
    stub = Stub(directory="/stub")
    assert plan.present(replace(DEMO, **{name: NOT_IN_A_CONTAINER[name]}), as_wanted(DEMO, stub), stub) == ()


@pytest.mark.parametrize("told", ["x", '{"spec": {"name": "demo"}}', '{"spec": {"name": "X"}, "state": "running"}'])
def test_what_cannot_be_read_is_damaged(told: str) -> None:
    with pytest.raises(Damaged):
        Stub(directory="/stub").parse(told)


def test_commands_inside_know_whose_they_are() -> None:
    assert Stub(directory="/stub").enter(DEMO) == ("env", "ROCKPOOL_WORKSPACE=demo")
    assert as_wanted(DEMO, Stub(directory="/stub")).state is State.RUNNING
