"""Releases: the source as one wheel, named by its content."""

import zipfile
from pathlib import Path

import pytest

from rockpool.execute import release


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))


def test_a_wheel_holds_the_source_and_what_stands_beside_it() -> None:
    wheel = release.current().wheel()
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {"rockpool/plan.py", "rockpool/guest/route.py"} <= inside
    assert not [name for name in inside if "__pycache__" in name or name.startswith("tests/")]


def test_a_wheel_is_built_once() -> None:
    wheel = release.current().wheel()
    wheel.write_bytes(b"kept")
    assert release.current().wheel().read_bytes() == b"kept"


def test_another_source_is_another_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "rockpool"
    source.mkdir()
    (source / "a.py").write_text("1")
    monkeypatch.setattr(release, "_PACKAGE", source)
    before = release.current()
    (source / "a.py").write_text("2")
    after = release.current()
    assert before != after
    (source / "a.py").write_text("1")
    assert release.current() == before
