"""HTTP on a Unix socket."""

from __future__ import annotations

import http.client
import socket


class Connection(http.client.HTTPConnection):
    """A connection to the server at `path`; `seconds` for each answer, None without a deadline."""

    def __init__(self, path: str, seconds: float | None) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
