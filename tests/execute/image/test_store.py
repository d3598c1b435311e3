import os
from pathlib import Path

import pytest

from rockpool.errors import Busy, Damaged
from rockpool.execute import home, lock
from rockpool.execute.image import store


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path))


def fill(path: Path) -> None:
    (path / "disk.raw").write_text("content")


def refuse(path: Path) -> None:
    raise AssertionError(path)


def test_a_key_depends_on_names_and_contents_only() -> None:
    assert store.key({"a": b"1", "b": b"2"}) == store.key({"b": b"2", "a": b"1"})
    assert len({store.key({"a": b"1"}), store.key({"a": b"2"}), store.key({"b": b"1"})}) == 3


def test_what_is_there_is_not_made_again() -> None:
    path = store.ensure("x", "amd64", "0" * 12, fill)
    assert store.ensure("x", "amd64", "0" * 12, refuse) == path
    assert (path / "disk.raw").read_text() == "content"


def test_a_failed_make_leaves_nothing() -> None:
    def fail(path: Path) -> None:
        fill(path)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        store.ensure("x", "amd64", "0" * 12, fail)
    assert list(home.images().iterdir()) == []


def test_what_a_killed_build_left_is_removed_and_what_is_of_another_name_stays() -> None:
    for name in (".x-amd64-111111111111.part", ".y-amd64-111111111111.part"):
        (home.images() / name / "tree").mkdir(parents=True)
    store.ensure("x", "amd64", "0" * 12, fill)
    assert sorted(path.name for path in home.images().iterdir()) == [
        ".y-amd64-111111111111.part",
        "x-amd64-000000000000",
    ]


def test_a_second_build_of_the_name_is_busy() -> None:
    with lock.hold(home.locks() / "image-x.lock", "build image x"), pytest.raises(Busy):
        store.ensure("x", "amd64", "0" * 12, fill)


@pytest.mark.parametrize("damage", ["truncate", "touch", "remove", "manifest"])
def test_cheap_damage_is_found_and_mended(damage: str) -> None:
    path = store.ensure("x", "amd64", "0" * 12, fill)
    disk, manifest = path / "disk.raw", path / "manifest.json"
    match damage:
        case "truncate":
            disk.write_text("")
        case "touch":
            os.utime(disk, (1, 1))
        case "remove":
            disk.unlink()
        case "manifest":
            manifest.write_text("{")
    with pytest.raises(Damaged):
        store.check(path)
    store.ensure("x", "amd64", "0" * 12, fill)
    store.check(path, thorough=True)


def test_a_flipped_byte_is_found_by_the_thorough_check_only() -> None:

    path = store.ensure("x", "amd64", "0" * 12, fill)
    disk = path / "disk.raw"
    times = disk.stat()
    disk.write_text("c0ntent")
    os.utime(disk, ns=(times.st_atime_ns, times.st_mtime_ns))
    store.check(path)
    with pytest.raises(Damaged, match="damaged"):
        store.check(path, thorough=True)
