"""The conversation with QEMU, against a socket that plays its part."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rockpool.errors import DeadlinePassed, NotFound
from rockpool.execute.machine import qmp

GREETING = {"QMP": {"version": {}}}


@contextmanager
def playing(directory: Path, *answers: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Listen as QEMU does: greet, then give one answer after each request; events go before the answer."""
    asked: list[dict[str, Any]] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(directory / "qmp.sock"))
        server.listen()
        thread = threading.Thread(target=_play, args=(server, asked, answers))
        thread.start()
        yield asked
        thread.join(5)


def _play(server: socket.socket, asked: list[dict[str, Any]], answers: tuple[dict[str, Any], ...]) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as stream:
        _say(stream, GREETING)
        for answer in ({"return": {}}, *answers):
            asked.append(json.loads(stream.readline()))
            for event in answer.pop("events", []):
                _say(stream, {"event": event})
            if answer:
                _say(stream, answer)


def _say(stream: Any, message: dict[str, Any]) -> None:
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def test_answer_comes_back_and_events_are_remembered(tmp_path: Path) -> None:
    with (
        playing(tmp_path, {"return": {"status": "running"}, "events": ["STOP", "RESUME"]}),
        qmp.connect(tmp_path) as talk,
    ):
        assert talk.execute("query-status") == {"status": "running"}
        assert talk.events == ["STOP", "RESUME"]


def test_underscore_of_an_argument_is_a_hyphen(tmp_path: Path) -> None:
    with playing(tmp_path, {"return": ""}) as asked:
        qmp.execute(tmp_path, "human-monitor-command", command_line="info name")
    assert asked[1] == {"execute": "human-monitor-command", "arguments": {"command-line": "info name"}}


def test_error_is_told_in_qemus_words(tmp_path: Path) -> None:
    error = {"error": {"class": "GenericError", "desc": "no such disk"}}
    with playing(tmp_path, error), pytest.raises(qmp.QmpRefused, match="no such disk"):
        qmp.execute(tmp_path, "eject")


def test_qemu_that_ends_in_mid_sentence_has_gone(tmp_path: Path) -> None:
    with playing(tmp_path, {}), pytest.raises(NotFound, match="gone"):
        qmp.execute(tmp_path, "quit")


def test_status_is_qemus_word_and_empty_without_qemu(tmp_path: Path) -> None:
    assert qmp.status(tmp_path) == ""
    with playing(tmp_path, {"return": {"status": "internal-error"}}):
        assert qmp.status(tmp_path) == "internal-error"


def test_nobody_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no QEMU listens"):
        qmp.execute(tmp_path, "quit")


def test_silent_qemu_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "qmp.sock"))
        server.listen()
        with pytest.raises(DeadlinePassed, match="does not answer"):
            qmp.execute(tmp_path, "quit", seconds=0.1)


def test_qemu_too_busy_to_take_a_connection_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        server.bind(str(tmp_path / "qmp.sock"))
        server.listen(0)
        first.connect(str(tmp_path / "qmp.sock"))
        with pytest.raises(DeadlinePassed, match="control socket is busy"):
            qmp.execute(tmp_path, "quit", seconds=0.2)
        assert qmp.status(tmp_path, seconds=0.2) == ""


def test_path_of_the_home_may_be_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    real = tmp_path / "s"
    real.mkdir()
    with playing(real, {"return": {}}):
        (real / "qmp.sock").rename(deep / "qmp.sock")
        assert qmp.execute(deep, "query-status") == {}
