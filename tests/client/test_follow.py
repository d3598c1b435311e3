"""A wish is followed until it has come true, cannot, or is no longer the wish."""

import json
from dataclasses import replace

import httpx
import pytest

from rockpool.client import Address, Client, Connection, Workspace, follow
from rockpool.client.follow import arrived
from rockpool.errors import Conflict, HostNotReady, StepFailed
from tests.client.test_requests import ROW

WISH = Workspace.parse({**ROW, "status": "creating", "generation": 3, "observedGeneration": 2})
STOP = replace(WISH, desired="stopped")
DELETE = replace(WISH, desired="absent")


@pytest.mark.parametrize(
    ("wish", "current", "end"),
    [
        (WISH, replace(WISH, status="running", observed=3), True),
        (WISH, replace(WISH, status="running", observed=4, generation=4), True),
        (WISH, replace(WISH, status="running", observed=2), False),
        (WISH, replace(WISH, status="creating", observed=3), False),
        (WISH, WISH, False),
        (STOP, replace(STOP, status="stopped", observed=3), True),
        (STOP, replace(STOP, status="stopping", observed=2), False),
        (DELETE, None, True),
        (DELETE, replace(WISH, created="later"), True),
        (DELETE, replace(DELETE, status="deleting"), False),
    ],
)
def test_the_end_of_a_wish(wish: Workspace, current: Workspace | None, end: bool) -> None:
    assert arrived(wish, current) is end


def test_a_worker_that_gives_up_says_why() -> None:
    with pytest.raises(StepFailed, match="no such image"):
        arrived(WISH, replace(WISH, status="error", reason="no such image"))


@pytest.mark.parametrize("current", [None, replace(WISH, created="later"), replace(WISH, desired="stopped"), DELETE])
def test_another_wish_meanwhile_is_told(current: Workspace | None) -> None:
    with pytest.raises(Conflict):
        arrived(WISH, current)


class Api:
    """Answers with these workspaces one after the other (None: it is away), and with these events at once."""

    def __init__(self, rows: list[dict[str, object] | None], events: list[tuple[str, int, str, str]]) -> None:
        self._rows, self._events = rows, events

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="".join(self._blocks(int(request.headers.get("last-event-id", 0)))))
        row = self._rows.pop(0) if len(self._rows) > 1 else self._rows[0]
        if row is None:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(200, json=row)

    def _blocks(self, last: int) -> list[str]:
        rows = [
            {"id": number, "at": at, "workspace": "demo", "generation": generation, "kind": kind, "text": text}
            for number, (at, generation, kind, text) in enumerate(self._events, 1)
        ]
        return [f"data: {json.dumps(row)}\n\n" for row in rows if row["id"] > last]  # type: ignore[operator]  # an int


def client(rows: list[dict[str, object] | None], events: list[tuple[str, int, str, str]]) -> Client:
    return Client(Connection(Address(), httpx.MockTransport(Api(rows, events))))


CREATING: dict[str, object] = {**ROW, "status": "creating"}
RUNNING: dict[str, object] = {**ROW, "status": "running", "observedGeneration": 3}
EVENTS = [
    ("2026-11-21T09:00:00.000Z", 3, "step", "of an earlier one of that name"),
    ("2026-11-21T10:00:01.000Z", 2, "step", "of an earlier wish"),
    ("2026-11-21T10:00:01.000Z", 3, "wish", "create asked for by admin"),
    ("2026-11-21T10:00:02.000Z", 3, "step", "make the home"),
    ("2026-11-21T10:00:03.000Z", 3, "note", "receiving\x1b[2J objects"),
    ("2026-11-21T10:00:04.000Z", 3, "state", "running"),
]


def test_steps_of_the_wish_are_told_and_nothing_older() -> None:
    told: list[str] = []
    found = follow(client([CREATING, CREATING, RUNNING], EVENTS), WISH, told.append, every=0.01)
    assert found
    assert found.status == "running"
    assert told == ["make the home", "receiving [2J objects"]


def test_without_any_event_it_still_arrives() -> None:
    still: list[int] = []
    assert follow(client([CREATING, RUNNING], []), WISH, print, lambda: still.append(1), every=0.01)
    assert still


def test_an_api_that_is_away_for_a_moment_does_no_harm() -> None:
    assert follow(client([CREATING, None, RUNNING], []), WISH, print, every=0.01)


def test_an_api_that_stays_away_is_told() -> None:
    with pytest.raises(HostNotReady):
        follow(client([None], []), WISH, print, every=0.01, patience=0.05)
