"""What systemd is told, with a socket in its place."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from rockpool.control import notify


@pytest.mark.parametrize("abstract", [False, True])
def test_who_waits_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, abstract: bool) -> None:
    path = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
        waiting.bind(f"\0{path}" if abstract else path)
        waiting.settimeout(20)
        monkeypatch.setenv(notify.VARIABLE, f"@{path}" if abstract else path)
        notify.ready()
        assert waiting.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(notify.VARIABLE, raising=False)
    notify.ready()
