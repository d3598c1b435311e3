"""Settings are read once, and every fault is told at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rockpool.control import settings
from rockpool.control.settings import Settings
from rockpool.errors import HostNotReady, InputError


def test_what_is_not_said_has_a_default() -> None:
    told = Settings.parse({"urls": {"app": "https://pool.example.org"}, "sweep": "10s"})
    assert (told.urls.app, told.urls.ide, told.sweep, told.starting) == (
        "https://pool.example.org",
        "http://localhost:8081",
        10,
        3,
    )


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Settings.parse(
            {"state": "here", "runtime": "qemu", "queue": "redis", "urls": {"app": "x/", "web": "http://x"}, "port": 1}
        )
    fields = [fault.field for fault in caught.value.faults]
    assert fields == ["port", "queue", "runtime", "state", "urls.app", "urls.web"]


def test_the_file_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "control.json"
    monkeypatch.setenv(settings.VARIABLE, str(path))
    with pytest.raises(HostNotReady):
        settings.load()
    for text in ("{", "[]"):
        path.write_text(text)
        with pytest.raises(InputError):
            settings.load()
    path.write_text(json.dumps({"starting": 5}))
    assert settings.load().starting == 5
