"""Long work says what it does and how long it took last time."""

from pathlib import Path

import pytest

from rockpool.execute.progress import stage


def test_a_stage_tells_how_long_it_took_last_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "home"))
    with stage("bake"):
        pass
    first = capsys.readouterr().err
    with stage("bake"):
        pass
    assert "last time" not in first
    assert "bake (took 0 s last time) …" in capsys.readouterr().err


def test_a_stage_that_fails_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "home"))
    with pytest.raises(ZeroDivisionError), stage("bake"):
        _ = 1 / 0
    assert not (tmp_path / "home/durations.json").exists()
