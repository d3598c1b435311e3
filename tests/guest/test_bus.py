"""The manager, played by a test: what it is asked, and what comes of its answers."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rockpool.guest import bus
from rockpool.guest.wire import pack, unpack

Answer = Callable[[str, list[Any]], list[tuple[int, str, str, list[Any]]]]
REPLY, ERROR, SIGNAL = 2, 3, 4


def message(kind: int, serial: int, member: str, signature: str, values: list[Any]) -> bytes:
    body = pack(signature, *values)
    name = {REPLY: [(5, ("u", serial))], ERROR: [(5, ("u", serial)), (4, ("s", member))], SIGNAL: [(3, ("s", member))]}
    head = pack("yyyyuua(yv)", ord("l"), kind, 0, 1, len(body), 99, [*name[kind], (8, ("g", signature))])
    return head + bytes(-len(head) % 8) + body


class Bus:
    """Answers calls by what a test says; `calls` are those to the manager."""

    def __init__(self, path: Path) -> None:
        self.answer: Answer = lambda *_: []
        self.calls: list[tuple[str, list[Any]]] = []
        self.path = str(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as read:
            assert read.read(1) == b"\0"
            assert [read.readline() for _ in range(3)] == [b"AUTH EXTERNAL\r\n", b"DATA\r\n", b"BEGIN\r\n"]
            connection.sendall(b"DATA\r\nOK 1234\r\n")
            while head := read.read(16):
                size, serial, length = struct.unpack_from("<III", head, 4)
                rest = read.read(-(-length // 8) * 8 + size)
                (fields,), _ = unpack("a(yv)", head + rest, 12)
                told = dict(fields)  # type: ignore[call-overload]
                values, _ = unpack(told[8], rest[len(rest) - size :])
                for kind, member, signature, answer in self._answers(told[3], values):
                    connection.sendall(message(kind, serial, member, signature, answer))

    def _answers(self, member: str, values: list[Any]) -> list[tuple[int, str, str, list[Any]]]:
        if member in ("Hello", "AddMatch"):
            return [(REPLY, "", "", [])]
        self.calls.append((member, values))
        return self.answer(member, values)

    def end(self) -> None:
        self._thread.join(10)
        self._listener.close()


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Bus]:
    one = Bus(tmp_path / "bus")
    yield one
    one.end()


def job(result: str) -> Answer:
    """Have each job end like this, the end told before the job's number."""

    def answer(_member: str, values: list[Any]) -> list[tuple[int, str, str, list[Any]]]:
        path = f"/job/{values[0]}"
        ended = (SIGNAL, "JobRemoved", "uoss", [1, path, values[0], result])
        return [(SIGNAL, "JobRemoved", "uoss", [2, "/job/other", "x", "failed"]), ended, (REPLY, "", "o", [path])]

    return answer


def test_units_are_started_and_stopped_and_waited_for(played: Bus) -> None:
    played.answer = job("done")
    units = bus.Units(played.path)
    units.start("a.socket", "b.socket")
    units.stop("a.socket")
    assert played.calls == [
        ("StartUnit", ["a.socket", "replace"]),
        ("StartUnit", ["b.socket", "replace"]),
        ("StopUnit", ["a.socket", "replace"]),
    ]
    units.close()


def test_a_job_that_failed_is_told(played: Bus) -> None:
    played.answer = job("failed")
    units = bus.Units(played.path)
    with pytest.raises(bus.UnitError, match=r"a\.socket: failed"):
        units.start("a.socket")
    units.close()


def test_a_refused_call_is_told(played: Bus) -> None:
    played.answer = lambda *_: [(ERROR, "org.freedesktop.systemd1.NoSuchUnit", "s", ["Unit a.socket not found."])]
    units = bus.Units(played.path)
    with pytest.raises(bus.UnitError, match=r"Unit a\.socket not found"):
        units.start("a.socket")
    units.close()


def test_a_tie_that_is_there_is_left_alone(played: Bus) -> None:
    played.answer = lambda *_: [(ERROR, "org.freedesktop.systemd1.UnitExists", "s", ["already loaded"])]
    units = bus.Units(played.path)
    units.tie("tie.demo", "a.service", "b.scope")
    assert played.calls[0][1][0] == "tie.demo.slice"
    assert dict(played.calls[0][1][2])["BindsTo"] == ["b.scope"]
    units.close()


def test_a_tie_to_what_has_ended_is_an_error(played: Bus) -> None:
    def answer(_member: str, _values: list[Any]) -> list[tuple[int, str, str, list[Any]]]:
        return [(REPLY, "", "o", ["/job/1"]), (SIGNAL, "JobRemoved", "uoss", [1, "/job/1", "tie.slice", "dependency"])]

    played.answer = answer
    units = bus.Units(played.path)
    with pytest.raises(bus.UnitError, match="dependency"):
        units.tie("tie.demo", "a.service", "b.scope")
    units.close()


def test_those_that_listen_are_listed(played: Bus) -> None:
    row = ("a.socket", "", "loaded", "active", "listening", "", "/u", 0, "", "/")
    played.answer = lambda *_: [(REPLY, "", "a(ssssssouso)", [[row]])]
    units = bus.Units(played.path)
    assert units.listening("*.socket") == ["a.socket"]
    units.close()
