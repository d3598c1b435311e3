"""Each case file names a state, what may be asked in it, and the state after; all else is a conflict that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rockpool.control import states
from rockpool.control.states import Act, Status
from rockpool.errors import Conflict

FILES = sorted((Path(__file__).parents[1] / "cases" / "states").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_state(file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    status = Status(case["status"])
    assert {act: states.after(status, act) for act in states.allowed(status)} == case["allowed"]
    for act in set(Act) - set(case["allowed"]):
        with pytest.raises(Conflict) as caught:
            states.after(status, act)
        assert all(other in caught.value.fix for other in case["allowed"])


def test_every_state_has_a_case() -> None:
    assert sorted(yaml.safe_load(file.read_text())["status"] for file in FILES) == sorted(Status)
