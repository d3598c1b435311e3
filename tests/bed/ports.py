"""Ports of the test bed."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from contextlib import ExitStack

SPARE = 8765
"""A port that restored machines forward too, though nothing of ours listens there."""


_RANGE = range(20000, 30000)
"""Below the ports that the kernel gives to connections, so that a port stays free until it is used again."""


def free(count: int) -> list[int]:
    """Return ports of the loopback that nobody has now."""
    found: list[int] = []
    for port in random.sample(_RANGE, len(_RANGE)):
        if len(found) == count:
            break
        if are_free([port]):
            found.append(port)
    return found


def are_free(wanted: Iterable[int]) -> bool:
    """Say whether nobody listens on any of these ports of the loopback."""
    try:
        with ExitStack() as stack:
            for port in wanted:
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
    except OSError:
        return False
    return True
