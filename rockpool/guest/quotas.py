"""How much a workspace may store, asked of the one service that may set it. It takes a name and a size, no paths."""

from __future__ import annotations

from rockpool.guest import places
from rockpool.guest.failure import Failure
from rockpool.guest.sockets import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

ANSWER_WITHIN = 600.0
"""Seconds for one answer: a home with many files takes a while the first time."""

_connection: list[socket] = []
"""Kept for as long as this process lives, so that the service starts once for all that is asked."""


def limit(name: str, size: int) -> None:
    """Let home and layer of a workspace hold `size` bytes together. Raises Failure."""
    if size:
        _ask(f"limit {name} {size}")


def forget() -> None:
    """Drop the limits of users that have no home any more. Raises Failure."""
    _ask("forget")


def _ask(line: str) -> None:
    if not _connection:
        _connection.append(connect(places.QUOTA, ANSWER_WITHIN))
    _connection[0].sendall(f"{line}\n".encode())
    answer = b""
    while not answer.endswith(b"\n"):
        received = _connection[0].recv(4096)
        if not received:
            raise Failure("the quota service ended without an answer")
        answer += received
    if answer != b"ok\n":
        raise Failure(answer.decode(errors="replace").strip().removeprefix("error "))
