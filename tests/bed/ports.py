"""Ports of the test bed."""

from __future__ import annotations

import socket
from contextlib import ExitStack

SPARE = 8765
"""A port that restored machines forward too, though nothing of ours listens there."""


def free(count: int) -> list[int]:
    """Return ports of the loopback that nobody has now."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(server.getsockname()[1]) for server in servers]
