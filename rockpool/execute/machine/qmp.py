"""QEMU's control socket."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rockpool.errors import DeadlinePassed, NotFound, RockpoolError
from rockpool.execute.machine.until import until


class QmpRefused(RockpoolError):
    """QEMU answered a command with an error."""


class Qmp:
    """One conversation with one QEMU. `events` are the names of the events seen so far."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._socket, self._deadline, self._rest = connection, deadline, b""
        self.events: list[str] = []

    def execute(self, command: str, **arguments: Any) -> Any:
        """Run a command and return its answer. Raises QmpRefused, DeadlinePassed, NotFound when QEMU has gone."""
        request = {"execute": command, "arguments": {key.replace("_", "-"): arguments[key] for key in arguments}}
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise NotFound(f"cannot ask QEMU for {command}", why="it has gone") from error
        while True:
            answer = self.receive()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise QmpRefused(f"QEMU refused {command}", why=str(answer["error"].get("desc", answer["error"])))

    def receive(self) -> dict[str, Any]:
        """Return the next message; events are remembered too. Raises DeadlinePassed, NotFound when QEMU has gone."""
        while b"\n" not in self._rest:
            self._rest += self._read()
        line, self._rest = self._rest.split(b"\n", 1)
        message = dict(json.loads(line))
        if "event" in message:
            self.events.append(str(message["event"]))
        return message

    def _read(self) -> bytes:
        self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
        try:
            data = self._socket.recv(65536)
        except TimeoutError as error:
            raise DeadlinePassed("QEMU does not answer", why="another program may hold its control socket") from error
        except OSError as error:
            raise NotFound("QEMU has gone", why=str(error)) from error
        if not data:
            raise NotFound("QEMU has gone", why="it closed its control socket")
        return data


def _connect(connection: socket.socket, path: str, seconds: float) -> None:
    """Connect; a QEMU that is too busy to take the connection before ours is asked again until the deadline."""
    for left in until(seconds):
        connection.settimeout(left)
        try:
            connection.connect(path)
        except BlockingIOError:
            continue
        return
    raise TimeoutError


@contextmanager
def connect(directory: Path, *, seconds: float = 10) -> Iterator[Qmp]:
    """Talk to the QEMU of a machine's directory, `seconds` at most in all. Raises NotFound when none listens."""
    fd = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    connection = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + seconds
    try:
        # A socket's path may have 107 bytes only; through the descriptor any home will do.
        _connect(connection, f"/proc/self/fd/{fd}/qmp.sock", seconds)
        qmp = Qmp(connection, deadline)
        qmp.receive()
        qmp.execute("qmp_capabilities")
        yield qmp
    except (TimeoutError, BlockingIOError) as error:  # the second: QEMU has not taken the last caller yet
        raise DeadlinePassed("QEMU does not answer", why="its control socket is busy") from error
    except (FileNotFoundError, ConnectionError) as error:
        raise NotFound(f"no QEMU listens in {directory}", why=str(error)) from error
    finally:
        connection.close()
        os.close(fd)


def status(directory: Path, *, seconds: float = 5) -> str:
    """Return QEMU's word for how the guest is, such as `running` or `internal-error`; empty when it does not answer."""
    try:
        return str(execute(directory, "query-status", seconds=seconds)["status"])
    except (NotFound, DeadlinePassed):
        return ""


def execute(directory: Path, command: str, *, seconds: float = 10, **arguments: Any) -> Any:
    """Run one command in a conversation of its own. An underscore in an argument's name stands for a hyphen."""
    with connect(directory, seconds=seconds) as qmp:
        return qmp.execute(command, **arguments)
