"""Connections to services of this machine."""

from __future__ import annotations

import _socket  # `socket` imports much that nobody needs here


def connect(path: str, seconds: float) -> _socket.socket:
    """Connect to a Unix socket, with a deadline for each act on it. Raises OSError that names it."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise OSError(f"nobody answers at {path}: {error.strerror or error}") from error
    return connection
