"""`up` ends with the address of the first workspace, or of the door."""

import pytest

from rockpool.cli.up import first_url
from tests.cli.conftest import Plane


def test_the_first_workspace_is_the_oldest(control: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_URL", control.env["ROCKPOOL_URL"])
    assert first_url("http://door") == "http://door/"
    for name in ("later-in-the-alphabet", "another"):
        assert control.rockpool("workspace", "create", name, "--no-wait").exit_code == 0
    assert first_url("http://door") == "http://localhost:8081/workspace/later-in-the-alphabet/"


def test_without_an_api_the_door_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ROCKPOOL_URL", "http://127.0.0.1:1")
    assert first_url("http://door") == "http://door/"
    assert "does not answer" in capsys.readouterr().err
