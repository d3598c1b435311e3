"""Whose a directory is, what it lacks, and that it comes and goes whole."""

from pathlib import Path

import pytest

from rockpool.errors import Damaged, InputError, NotFound, Refused
from rockpool.execute.machine.directory import Directory, all_directories, directory, existing, whole


@pytest.fixture
def ours() -> Directory:
    found = directory("root")
    found.make()
    return found


def test_nothing_is_neither_there_nor_foreign() -> None:
    assert (directory("root").exists, directory("root").foreign) == (False, "")


def test_making_it_twice_keeps_its_identity(ours: Directory) -> None:
    before = ours.uuid
    ours.make()
    assert ours.uuid == before
    assert not ours.foreign


def test_directory_without_our_mark_is_foreign_and_stays(home: Path) -> None:
    theirs = directory("root")
    theirs.path.mkdir(parents=True)
    (theirs.path / "disk.img").write_text("hers")
    with pytest.raises(Refused, match="holds no machine of Rockpool"):
        theirs.make()
    with pytest.raises(Refused, match="remove it by the tool that made it"):
        existing("root")
    assert (theirs.path / "disk.img").read_text() == "hers"


def test_link_to_one_of_ours_is_foreign(ours: Directory) -> None:
    other = directory("other")
    other.path.symlink_to(ours.path)
    assert other.foreign


def test_work_of_a_killed_process_is_no_machine_and_goes(ours: Directory) -> None:
    for ending in ("new", "gone"):
        (ours.path.parent / f".{ours.name}.{ending}").mkdir()
    assert [machine.name for machine in all_directories()] == ["root"]
    ours.remove()
    ours.make()
    assert sorted(path.name for path in ours.path.parent.iterdir()) == ["root"]


def test_removed_machine_is_gone_twice(ours: Directory) -> None:
    ours.remove()
    ours.remove()
    assert not ours.exists


def test_half_made_machine_says_what_it_lacks(ours: Directory) -> None:
    assert ours.spec is None
    assert {"spec.json", "base.raw", "system.qcow2", "id_ed25519"} <= set(ours.missing)
    with pytest.raises(Damaged, match=r"lacks spec.json.*\n.*completes it"):
        whole("root")


def test_unreadable_spec_is_damaged(ours: Directory) -> None:
    (ours.path / "spec.json").write_text("{")
    with pytest.raises(Damaged, match="cannot read"):
        _ = ours.spec


def test_absent_machine_is_not_found() -> None:
    with pytest.raises(NotFound, match="no machine 'root'"):
        existing("root")


@pytest.mark.parametrize("name", ["", "R", "a", "../etc", "-x", "a--b", "a" * 33])
def test_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        directory(name)
