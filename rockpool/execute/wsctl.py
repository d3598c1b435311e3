"""The verbs of `rockpool.guest.wsctl` spoken in process: one connection for a whole plan is one process less a step."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable

from rockpool import names
from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute.child import TICK, Gone
from rockpool.execute.machine.until import until
from rockpool.step import Argv

_LINE = re.compile(r"[^\r\n]+")


class Wsctl:
    """A connection that is made when it is needed, and again when it was lost: a verb may run twice."""

    def __init__(self, path: str = names.WSCTL_SOCKET) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._rest = b""

    def close(self) -> None:
        """End the connection; whoever carries out a verb that waits notices."""
        if self._socket:
            self._socket.close()
        self._socket, self._rest = None, b""

    def ask(self, verbs: Argv, *, seconds: float, gone: Callable[[], bool]) -> str:
        """Carry out verbs up to the first that fails and return their answers, one a line.

        Raises StepFailed with the reason, DeadlinePassed, and Gone as soon as `gone` says so.
        """
        if wrong := [verb for verb in verbs if not _LINE.fullmatch(verb)]:
            raise StepFailed(f"not a verb: {wrong[0]!r}")
        deadline = time.monotonic() + seconds
        answers = (self._asked(verb, deadline, gone) for verb in verbs)
        return "\n".join(answer for answer in answers if answer)

    def _asked(self, verb: str, deadline: float, gone: Callable[[], bool]) -> str:
        """Ask until there is an answer: a connection is refused while too many others are served."""
        told = "nobody answers"
        for _ in until(deadline - time.monotonic(), TICK):
            if gone():
                raise Gone
            try:
                word, _, rest = self._line(verb, deadline, gone).partition(" ")
            except OSError as error:
                self.close()
                told = str(error) or "the connection ended"
                continue
            if word == "ok":
                return rest
            self.close()  # it serves nothing after a failure
            raise StepFailed(f"cannot {verb}", why=rest)
        raise DeadlinePassed(f"gave up: {verb}", why=told, fix="see `journalctl _UID=$(id -u rockpool-ws)`")

    def _line(self, verb: str, deadline: float, gone: Callable[[], bool]) -> str:
        connection = self._connected()
        connection.sendall(f"{verb}\n".encode())
        while b"\n" not in self._rest:
            try:
                more = connection.recv(65536)
            except TimeoutError:
                if gone():
                    self.close()
                    raise Gone from None
                if time.monotonic() > deadline:
                    raise TimeoutError("no answer came in time") from None
                continue
            if not more:
                raise OSError("the connection ended without an answer")
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace")

    def _connected(self) -> socket.socket:
        if not self._socket:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(TICK)
            self._socket.connect(self._path)
        return self._socket
