"""The development loop, with a directory for the machine and a program that notes what it is asked for systemctl."""

import os
from pathlib import Path

import pytest

from rockpool.errors import StepFailed
from rockpool.execute import watch


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemctl was asked, a line each."""
    log, program = tmp_path / "asked", tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return log


RESTART = "restart rockpool-api.service rockpool-worker.service"


def test_each_batch_of_changes_is_pushed_whole_and_runs(tmp_path: Path, asked: Path) -> None:
    source, told = tmp_path / "mnt", []

    def batches():  # type: ignore[no-untyped-def]
        yield set()
        assert (source / "rockpool/plan.py").read_bytes() == (watch.PACKAGE / "plan.py").read_bytes()
        drop_in = tmp_path / "units/rockpool-api.service.d/90-source.conf"
        assert drop_in.read_text() == f"[Service]\nEnvironmentFile={source}.env\n"
        assert Path(f"{source}.env").read_text() == f"PYTHONPATH={source}\n"
        (source / "rockpool/left.py").touch()
        yield {"/x/rockpool/plan.py"}
        assert not (source / "rockpool/left.py").exists()

    watch.follow_by(watch.remote(str(source), str(tmp_path / "units")), batches(), told.append)
    assert [line.split(": runs")[0].strip() for line in told] == ["the whole source", "plan.py"]
    assert asked.read_text().splitlines() == ["daemon-reload", RESTART, RESTART, "daemon-reload", RESTART]


def test_the_release_runs_again_however_the_loop_ends(tmp_path: Path, asked: Path) -> None:
    def batches():  # type: ignore[no-untyped-def]
        yield set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch.follow_by(watch.remote(str(tmp_path / "mnt"), str(tmp_path / "units")), batches(), print)
    assert asked.read_text().splitlines()[-2:] == ["daemon-reload", RESTART]
    assert not list(tmp_path.glob("units/*/*")) + list(tmp_path.glob("mnt.env"))


def test_a_connection_that_ends_is_told(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="cannot push the source"):
        watch.follow_by(("true",), [set()], print)


def test_rapid_saves_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PACKAGE", tmp_path)
    found = watch.changes()
    assert next(found) == set()
    seen: set[str] = set()
    batches = 0
    for number in range(20):
        (tmp_path / f"{number}.py").write_text("x")
    while len(seen) < 20:
        seen |= next(found)
        batches += 1
    assert batches < 20
