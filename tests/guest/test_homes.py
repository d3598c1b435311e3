"""Homes, without the user namespace that gives them to somebody."""

import os
from pathlib import Path

import pytest

from rockpool.guest import homes, locks, places, quotas, trees
from rockpool.guest.failure import Failure
from tests.guest.conftest import US, Api, listed

pytestmark = pytest.mark.usefixtures("disk")
SIZE = 1 << 20


def entries(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.name != ".lock")


def test_a_home_is_made_whole_and_only_once(disk: Path, here: list[str]) -> None:
    (disk / "homes/.demo.new").mkdir()
    (disk / "homes/.demo.cloned").touch()
    homes.create("demo", US, SIZE)
    (disk / "homes/demo/file").touch()
    homes.create("demo", US, SIZE)
    assert entries(disk / "homes") == ["demo"]
    assert (disk / "homes/demo/file").exists()
    assert (disk / "homes/demo").stat().st_mode & 0o777 == 0o700
    assert here == [f"limit demo {SIZE}"] * 2


def test_a_home_whose_limit_is_refused_is_not_made(
    disk: Path, here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_line: str) -> None:
        assert entries(disk / "homes") == [".demo.new"]
        raise Failure("no")

    monkeypatch.setattr(quotas, "_ask", refuse)
    with pytest.raises(Failure):
        homes.create("demo", US, SIZE)
    assert entries(disk / "homes") == []


def test_no_two_homes_belong_to_one_user(disk: Path, here: list[str]) -> None:
    homes.create("demo", US, SIZE)
    with pytest.raises(Failure, match="user 5001 belongs to the home of demo"):
        homes.create("other", US, SIZE)
    with pytest.raises(Failure, match="belongs to user 5001, not 5002"):
        homes.create("demo", US + 1, SIZE)


def test_a_home_that_is_being_made_has_its_user_already(disk: Path, here: list[str]) -> None:
    with locks.Names("other"):
        (disk / "homes/.other.new").mkdir()
        with pytest.raises(Failure, match="belongs to the home of other"):
            homes.create("demo", US, SIZE)
        assert entries(disk / "homes") == [".other.new"], "nobody takes away what somebody is making"


def test_a_kept_home_keeps_its_user_and_can_be_given_back(disk: Path, here: list[str], api: Api) -> None:
    api.containers()
    homes.create("demo", US, SIZE)
    (disk / "homes/demo/file").touch()
    homes.keep("demo")
    homes.keep("demo")
    (kept,) = entries(disk / "kept")
    assert entries(disk / "homes") == []
    assert places.is_kept(kept)
    with pytest.raises(Failure, match="belongs to the home of demo"):
        homes.create("other", US, SIZE)
    homes.restore(kept, "other", US, SIZE)
    homes.restore(kept, "other", US, SIZE)
    assert entries(disk / "homes") == [".other.cloned", "other"]
    assert (disk / "homes/other/file").exists()
    assert entries(disk / "kept") == []


def test_what_is_not_kept_cannot_be_given_back(here: list[str]) -> None:
    with pytest.raises(Failure, match=r"no home is kept as demo\.1"):
        homes.restore("demo.1", "demo", US, SIZE)


def test_that_it_was_cloned_is_remembered_until_the_home_goes(disk: Path, here: list[str], api: Api) -> None:
    api.containers()
    with pytest.raises(Failure, match="has no home"):
        homes.cloned("demo")
    homes.create("demo", US, SIZE)
    assert not homes.is_cloned("demo")
    homes.cloned("demo")
    assert homes.is_cloned("demo")
    homes.keep("demo")
    assert not homes.is_cloned("demo")


def test_a_home_in_use_stays(disk: Path, here: list[str], api: Api) -> None:
    homes.create("demo", US, SIZE)
    for act in (homes.keep, homes.remove):
        api.containers(listed())
        with pytest.raises(Failure, match="still uses its home"):
            act("demo")
        api.containers()
        api["/v5.0.0/libpod/containers/ws-demo/exists"] = (204, {})
        with pytest.raises(Failure, match="still uses its home"):
            act("demo")
        api.clear()
    assert (disk / "homes/demo").is_dir()


def test_a_removed_home_leaves_no_limit(disk: Path, here: list[str], api: Api) -> None:
    api.containers()
    homes.create("demo", US, SIZE)
    here.clear()
    homes.remove("demo")
    assert entries(disk / "homes") == []
    assert here == ["forget"]


@pytest.mark.parametrize("left", ["homes/.demo.gone/deep", "homes/.demo.new/home", "kept/.demo.17.gone/deep"])
def test_what_a_killed_verb_has_left_goes_with_the_next(left: str, disk: Path, here: list[str]) -> None:
    (disk / left).mkdir(parents=True)
    homes.create("other", US, SIZE)
    assert entries(disk / "homes") + entries(disk / "kept") == ["other"]


def test_homes_are_kept_for_a_week(disk: Path, here: list[str]) -> None:
    now = 1_000_000.0
    old, young = (int((now - homes.KEPT_FOR + seconds) * 1e9) for seconds in (-1, 1))
    for when in (old, young):
        (disk / f"kept/demo.{when}").mkdir()
    homes.purge_old(now)
    assert entries(disk / "kept") == [f"demo.{young}"]


def test_a_name_is_held_by_one_at_a_time(disk: Path) -> None:
    assert not locks.is_held("demo")
    with locks.Names("demo", "other"):
        assert locks.is_held("demo")
        assert not locks.is_held("third")
    assert not locks.is_held("demo")


def test_a_tree_of_one_user_is_given_to_another_and_the_rest_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    (tmp_path / "root/deep").mkdir(parents=True)
    (tmp_path / "root/deep/file").touch()
    (tmp_path / "root/link").symlink_to("/")
    monkeypatch.setattr(os, "chown", lambda path, owner, group, **_: given.append((path, owner, group)))
    monkeypatch.setattr(places, "SUBORDINATE", os.getuid() - US)
    trees.shift(str(tmp_path / "root"), US, US + 1)
    group = os.getgid() if os.getgid() == os.getuid() else -1
    wanted = (os.getuid() + 1, os.getuid() + 1 if group != -1 else -1)
    assert sorted(given[:-1]) == [("deep", *wanted), ("file", *wanted), ("link", *wanted)]
    assert given[-1] == (str(tmp_path / "root"), *wanted), "whose it is changes when all of it has"
    given.clear()
    trees.shift(str(tmp_path / "root"), US + 7, US + 8)
    assert given == []


def test_special_rights_of_a_program_outlive_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program"
    program.touch()
    program.chmod(0o4755)
    monkeypatch.setattr(places, "SUBORDINATE", os.getuid() - US)
    monkeypatch.setattr(os, "chown", lambda path, *_, **__: Path(path).chmod(0o755))
    trees.shift(str(program), US, US + 1)
    assert program.stat().st_mode & 0o7777 == 0o4755
