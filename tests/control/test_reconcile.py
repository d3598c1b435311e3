"""Each case file holds a row, what the survey found, and what is to be done.

row: {desired: running, status: creating}   what is left out has its default
current: null                               null when it is absent; else the fields of WorkspaceCurrent
now: 1000
decision: {wishes: [present], way: creating, end: running}   or nothing, {until: 1001}, {error: KIND, says: [text]}
proven: {…}                                 where it is given: what counts as there
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rockpool import errors
from rockpool.control import reconcile
from rockpool.control.reconcile import Fail, Go, Later, Nothing, Row
from rockpool.control.states import Desired, Status
from rockpool.current import State, WorkspaceCurrent
from rockpool.spec import Workspace

FILES = sorted((Path(__file__).parents[1] / "cases" / "reconcile").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_decision(file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    row = Row(spec=Workspace(name="demo"), **_row(case["row"]))
    current = _current(case["current"])
    decision = reconcile.decide(row, current, case.get("now", 1))
    match decision:
        case Go():
            assert case["decision"] == {"wishes": [*decision.wishes], "way": decision.way, "end": decision.end}
        case Later(until=until):
            assert case["decision"] == {"until": until}
        case Nothing():
            assert case["decision"] == "nothing"
        case Fail(error=error):
            assert isinstance(error, getattr(errors, case["decision"]["error"]))
            assert [text for text in case["decision"]["says"] if text not in str(error)] == []
    assert reconcile.proven(row, current) == _current(case.get("proven", case["current"]))


def test_every_case_file_is_read() -> None:
    assert len(FILES) >= 28


def _row(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "desired": Desired(data["desired"]), "status": Status(data["status"])}


def _current(data: dict[str, Any] | None) -> WorkspaceCurrent | None:
    if data is None:
        return None
    return WorkspaceCurrent(**{**data, "state": State(data["state"]), "routes": frozenset(data.get("routes", ()))})


FAULT = errors.StepFailed("x")


def test_failures_are_tried_again_ever_later_and_then_are_an_error() -> None:
    tries = [reconcile.retry(attempts, FAULT, 0.5) for attempts in range(1, 8)]
    assert [retry.after for retry in tries] == [1000, 2000, 4000, 8000, 300_000, 300_000, 300_000]
    assert [retry.error for retry in tries] == [False] * 4 + [True] * 3


def test_rows_that_failed_together_are_not_tried_together() -> None:
    spread = [reconcile.retry(3, FAULT, chance).after for chance in (0.0, 0.25, 1.0)]
    assert spread == [2000, 3000, 6000]


@pytest.mark.parametrize("kind", [errors.Damaged, errors.DeadlinePassed, errors.Refused])
def test_what_another_try_does_not_mend_is_an_error_at_once(kind: type[errors.RockpoolError]) -> None:
    assert reconcile.retry(1, kind("x"), 0.5) == reconcile.Retry(after=300_000, error=True)
