"""Telling systemd that this process is ready, so that a start that fails is seen by whoever asked for it."""

from __future__ import annotations

import os
import socket

VARIABLE = "NOTIFY_SOCKET"


def ready() -> None:
    """Say so, if systemd started this process and waits for it."""
    address = os.environ.get(VARIABLE, "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)
