"""Files go in and come out as `cp` would copy them; here a directory of this host stands for the workspace."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rockpool.errors import Damaged, NotFound, Refused, StepFailed
from rockpool.execute import copying, unpacking
from rockpool.step import Argv

Enter = Callable[[str, Argv], Argv]


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    home = tmp_path / "inside"
    home.mkdir()
    return home


@pytest.fixture
def enter(inside: Path) -> Enter:
    return lambda _name, argv: ("env", "-C", str(inside), *argv)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    place = tmp_path / "here"
    (place / "project/src").mkdir(parents=True)
    (place / "project/src/main.py").write_text("print()")
    (place / "project/run").write_text("#!/bin/sh")
    (place / "project/run").chmod(0o755)
    (place / "project/latest").symlink_to("src")
    (place / "-odd name\n").write_text("odd")
    return place


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("", "-odd name\n"),
        (".", "-odd name\n"),
        ("new", "new"),
        ("-new", "-new"),
        ("sub", "sub/-odd name\n"),
        ("sub/x", "sub/x"),
    ],
)
def test_a_file_goes_in(here: Path, inside: Path, enter: Enter, target: str, lands: str) -> None:
    (inside / "sub").mkdir()
    copying.send(here / "-odd name\n", "demo", target, enter)
    assert (inside / lands).read_text() == "odd"


def test_a_directory_goes_in_and_comes_out_whole(here: Path, inside: Path, enter: Enter, tmp_path: Path) -> None:
    copying.send(here / "project", "demo", "app", enter)
    assert (inside / "app/latest").readlink() == Path("src")
    copying.fetch("demo", "app", tmp_path / "back", print, enter)
    assert (tmp_path / "back/src/main.py").read_text() == "print()"
    assert os.access(tmp_path / "back/run", os.X_OK)
    assert (tmp_path / "back/latest").readlink() == Path("src")


@pytest.mark.parametrize(
    ("source", "target", "lands"),
    [
        ("notes", "", "notes"),
        ("notes", "renamed", "renamed"),
        ("sub/deep", "", "deep"),
        ("sub/", "", "sub"),
        ("", "all", "all"),
        ("", "", "demo"),
        ("-dash", "", "-dash"),
    ],
)
def test_it_lands_where_cp_would_put_it(
    inside: Path, enter: Enter, tmp_path: Path, source: str, target: str, lands: str
) -> None:
    (inside / "sub/deep").mkdir(parents=True)
    (inside / "notes").write_text("n")
    (inside / "-dash").write_text("d")
    (tmp_path / "out").mkdir()
    copying.fetch("demo", source, tmp_path / "out" / target, print, enter)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [lands]


def test_what_is_not_there_is_told_in_the_words_of_tar(enter: Enter, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="nothing-here"):
        copying.fetch("demo", "nothing-here", tmp_path / "x", print, enter)
    with pytest.raises(StepFailed, match="no/such/place"):
        copying.send(Path(__file__), "demo", "no/such/place/x", enter)
    with pytest.raises(NotFound):
        copying.send(tmp_path / "absent", "demo", "", enter)
    assert not (tmp_path / "x").exists()


def test_a_directory_is_never_replaced(inside: Path, enter: Enter, tmp_path: Path) -> None:
    (inside / "app").mkdir()
    (tmp_path / "app").mkdir()
    with pytest.raises(Refused):
        copying.fetch("demo", "app", tmp_path, print, enter)


def archive(*members: tuple[str, str, str]) -> tarfile.TarFile:
    """An archive of (kind, name, link or text)."""
    kinds = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "dir": tarfile.DIRTYPE}
    kinds |= {"pipe": tarfile.FIFOTYPE, "disk": tarfile.BLKTYPE}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        for kind, name, text in members:
            member = tarfile.TarInfo(name)
            member.type, member.mode = kinds[kind], 0o6777
            if kind == "file":
                member.size = len(text)
                made.addfile(member, io.BytesIO(text.encode()))
            else:
                member.linkname = text
                made.addfile(member)
    packed.seek(0)
    return tarfile.open(fileobj=packed, mode="r|")


@pytest.mark.parametrize(
    "members",
    [
        (("file", "../evil", "x"),),
        (("file", "/evil", "x"),),
        (("file", "a/../../evil", "x"),),
        (("hard", "evil", "../outside"),),
        (("hard", "evil", "/etc/passwd"),),
        (("link", "a", ".."), ("file", "a/evil", "x")),
        (("link", "a", ".."), ("link", "a/evil", "x")),
        (("link", "a/evil", "x"), ("link", "a", "..")),
        (("link", "a", "../outside"), ("hard", "b", "a")),
        (("file", "a", "x"), ("file", "a", "y")),
        (("dir", "a", ""), ("link", "a", "..")),
    ],
)
def test_nothing_is_written_outside(tmp_path: Path, members: tuple[tuple[str, str, str], ...]) -> None:
    (tmp_path / "outside").write_text("mine")
    with archive(*members) as packed, pytest.raises(Damaged):
        unpacking.unpack(packed, tmp_path / "all", print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all", "outside"]
    assert (tmp_path / "outside").read_text() == "mine"


def test_devices_are_left_out_and_no_file_can_give_privileges(tmp_path: Path) -> None:
    told: list[str] = []
    with archive(("disk", "sda", ""), ("pipe", "p", ""), ("file", "suid", "x"), ("link", "l", "/etc")) as packed:
        unpacking.unpack(packed, tmp_path / "all", told.append)
    assert [line.split()[2] for line in told] == ["sda:", "p:"]
    assert (tmp_path / "all/suid").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "all/l").readlink() == Path("/etc")
