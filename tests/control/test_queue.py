"""Hints are delivered, some twice; what is none is kept as a dead letter and can be given back."""

from collections.abc import Callable

import pytest

from rockpool.control import queue
from rockpool.control.queue import Hint, Memory, Queue, Received
from rockpool.control.sqs import Sqs
from rockpool.errors import HostNotReady
from rockpool.execute.machine.until import until

DEMO = Hint(name="demo", generation=3)
POISON = (
    "", "no json", "[]", "3", "{}", '{"name": "demo"}', '{"name": "demo", "generation": "1"}', "[" * 5000,
    '{"name": "../x", "generation": 1}', '{"name": ["demo"], "generation": 1}', '{"name": "demo", "generation": true}',
)  # fmt: skip


def test_a_hint_is_read_back() -> None:
    assert queue.parse(DEMO.to_text()) == DEMO


@pytest.mark.parametrize("body", POISON)
def test_what_is_no_hint_is_told_as_none(body: str) -> None:
    assert queue.parse(body) is None


def received(of: Queue, seconds: float = 20) -> Received:
    for _ in until(seconds):
        if some := of.receive(1):
            (one,) = some
            return one
    pytest.fail("nothing was received")


@pytest.fixture(params=["memory", pytest.param("sqs", marks=pytest.mark.image)])
def waiting(request: pytest.FixtureRequest) -> Queue:
    return Memory() if request.param == "memory" else Sqs(request.getfixturevalue("elasticmq"))


def put(into: Queue, body: str) -> None:
    if isinstance(into, Memory):
        into.put(body)
    else:
        assert isinstance(into, Sqs)
        into._client.send_message(QueueUrl=into._queue("workspaces"), MessageBody=body)


def test_it_is_as_told(waiting: Queue) -> None:
    assert waiting.receive(0) == []

    assert waiting.send(DEMO)
    one = received(waiting)
    assert one.hint == DEMO
    waiting.delete(one)
    assert waiting.receive(0) == []

    put(waiting, "poison")
    poison = received(waiting)
    assert poison.hint is None
    waiting.bury(poison)
    assert waiting.receive(0) == []
    for _ in range(2):  # looking does not take them
        assert [letter.body for letter in waiting.dead()] == ["poison"]
    assert waiting.redrive() == 1
    assert waiting.dead() == []
    again = received(waiting)
    assert again.body == "poison"
    waiting.delete(again)


@pytest.mark.parametrize("fault", ["read by nobody", "deleted twice"])
def test_a_message_is_delivered_again(elasticmq: str, fault: str) -> None:
    of = Sqs(elasticmq)
    of.send(DEMO)
    first = received(of)
    again = received(of)
    assert again.hint == DEMO
    of.delete(again)
    if fault == "deleted twice":
        of.delete(again)
    assert first.receipt != again.receipt
    assert of.receive(2) == []


def test_a_message_that_nobody_deletes_dies(elasticmq: str) -> None:
    of = Sqs(elasticmq)
    put(of, "poison")
    dead = (of.dead() for _ in until(90) if of.receive(1) == [])
    assert [letter.body for letter in next(filter(None, dead))] == ["poison"]
    assert of.redrive() == 1
    of.delete(received(of))


@pytest.mark.parametrize(
    "ask",
    [
        lambda of: of.receive(0),
        lambda of: of.delete(Received(receipt="x", body="")),
        lambda of: of.bury(Received(receipt="x", body="x")),
        lambda of: of.dead(),
        lambda of: of.redrive(),
    ],
    ids=["receive", "delete", "bury", "dead", "redrive"],
)
def test_a_queue_that_is_away_is_told(ask: Callable[[Sqs], object]) -> None:
    with pytest.raises(HostNotReady, match="the queue does not answer"):
        ask(Sqs("http://127.0.0.1:1"))


def test_sending_to_one_that_is_away_is_no_fault() -> None:
    assert not Sqs("http://127.0.0.1:1").send(DEMO)


def test_it_is_found_by_its_place() -> None:
    assert isinstance(queue.connect("memory"), Memory)
    assert isinstance(queue.connect("http://127.0.0.1:9324"), Sqs)
