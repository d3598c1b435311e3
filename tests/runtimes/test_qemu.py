"""What the survey says comes back as the same values; what cannot be read is told."""

import json

import pytest

from rockpool.current import MachineCurrent, State
from rockpool.errors import Damaged
from rockpool.runtimes.qemu import Qemu, current_to_data
from rockpool.spec import Machine

CURRENTS = {
    "root": MachineCurrent(
        state=State.RUNNING,
        spec=Machine(name="root", ssh_port=22100),
        image_key="0123456789ab",
        accelerator="tcg",
        pid=42,
        ssh_port=22100,
    ),
    "half": MachineCurrent(state=State.INCOMPLETE),
    "hers": MachineCurrent(state=State.STOPPED, foreign="somebody's"),
}


def test_survey_comes_back_as_it_was() -> None:
    printed = json.dumps({name: current_to_data(current) for name, current in CURRENTS.items()})
    assert Qemu().parse(printed) == CURRENTS


def test_no_machines_are_an_empty_answer() -> None:
    assert Qemu().parse("{}") == {}


@pytest.mark.parametrize("printed", ["", "not JSON", "[]", '{"root": {}}', '{"root": {"state": "lost"}}'])
def test_unreadable_survey_is_damaged(printed: str) -> None:
    with pytest.raises(Damaged, match="cannot read the list of machines"):
        Qemu().parse(printed)


def test_our_program_may_lie_anywhere() -> None:
    assert Qemu(program=("/opt/bin/rockpool",)).survey.argv == ("/opt/bin/rockpool", "machine", "status", "--json")


def test_enter_takes_an_argv_word_for_word() -> None:
    assert Qemu().enter(Machine(name="root")) == ("rockpool", "machine", "enter", "root", "--")
