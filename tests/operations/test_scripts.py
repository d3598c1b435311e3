"""The scripts that change files, run for real in a directory of the test."""

import grp
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from rockpool.facts.script import code

USER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name


def run(name: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(("sh", "-c", code(name), name, *arguments), input=stdin, capture_output=True, check=False)


def write(dest: Path, content: bytes, *validate: str, mode: str = "640", size: int | None = None) -> int:
    told = str(len(content) if size is None else size)
    return run("write", str(dest), mode, USER, GROUP, told, *validate, stdin=content).returncode


@pytest.mark.parametrize("content", [b"", b"one\n", b"no newline at the end", b"\x00 $x '\"\\\n\n", b"x" * 300_000])
def test_any_content_arrives_as_it_was(tmp_path: Path, content: bytes) -> None:
    dest = tmp_path / "a b'c"
    assert write(dest, content) == 0
    assert dest.read_bytes() == content
    assert dest.stat().st_mode & 0o7777 == 0o640


def test_the_newline_that_pyinfra_adds_is_dropped(tmp_path: Path) -> None:
    assert write(tmp_path / "f", b"secret\n", size=6) == 0
    assert (tmp_path / "f").read_bytes() == b"secret"


def test_a_sender_that_was_killed_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    assert write(tmp_path / "f", b"half of", size=100) == 1
    assert (tmp_path / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_content_that_is_not_valid_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    assert write(tmp_path / "f", b"bad", "grep", "-q", "good", "{}") == 1
    assert (tmp_path / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_the_validator_sees_the_new_content_wherever_it_names_the_file(tmp_path: Path) -> None:
    assert write(tmp_path / "f", b"good", "grep", "-q", "good", "{}") == 0
    assert write(tmp_path / "g", b"good", "sh", "-c", 'grep -q good "${1#--config=}"', "sh", "--config={}") == 0


def test_nobody_else_can_read_the_file_while_it_is_checked(tmp_path: Path) -> None:
    assert write(tmp_path / "f", b"x", "sh", "-c", '[ "$(stat -c %a "$1")" = 600 ]', "sh", "{}", mode="644") == 0


def test_what_a_killed_run_left_is_cleaned(tmp_path: Path) -> None:
    (tmp_path / ".f.new-a1B2c3").write_text("left")
    (tmp_path / ".fx.new-a1B2c3").write_text("another's")
    assert write(tmp_path / "f", b"x") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".fx.new-a1B2c3", "f"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    (tmp_path / "f").symlink_to("target")
    assert write(tmp_path / "f", b"ours") == 0
    assert not (tmp_path / "f").is_symlink()
    assert (tmp_path / "target").read_text() == "theirs"


def test_link_replaces_a_link_and_a_file(tmp_path: Path) -> None:
    for _ in range(2):
        assert run("link", str(tmp_path / "l"), "some where").returncode == 0
    assert (tmp_path / "l").readlink() == Path("some where")
    assert [path.name for path in tmp_path.iterdir()] == ["l"]


def test_refusal_tells_its_text_and_fails() -> None:
    done = run("refuse", "what\n  why: 100 % 'sure'")
    assert (done.returncode, done.stderr) == (1, b"what\n  why: 100 % 'sure'\n")


@pytest.mark.parametrize(
    ("make", "first"),
    [
        (lambda path: path.write_text("x"), f"644 {USER} {GROUP} regular file"),
        (lambda path: path.touch(), f"644 {USER} {GROUP} regular empty file"),
        (lambda path: path.mkdir(), f"755 {USER} {GROUP} directory"),
        (lambda path: path.symlink_to("/none"), f"777 {USER} {GROUP} symbolic link"),
    ],
)
def test_any_kind_of_entry_is_described(tmp_path: Path, make: object, first: str) -> None:
    path = tmp_path / "a b"
    assert callable(make)
    make(path)
    if not path.is_symlink():
        path.chmod(0o755 if path.is_dir() else 0o644)
    done = run("file", str(path))
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, first)


def test_nothing_is_said_of_what_is_not_there(tmp_path: Path) -> None:
    done = run("file", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.skipif(not shutil.which("mkfs.ext4"), reason="needs e2fsprogs")
@pytest.mark.parametrize(
    ("before", "made"), [(None, True), ("rp-making", True), ("rockstate", False), ("photos", False)]
)
def test_only_a_blank_or_unfinished_disk_is_formatted(tmp_path: Path, before: str | None, made: bool) -> None:
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(8 * 1024**2)
    if before:
        subprocess.run(("mkfs.ext4", "-q", "-F", "-L", before, disk), check=True)
    first = disk.read_bytes()
    assert (run("make_filesystem", str(disk), "ext4", "rockstate").returncode == 0) is made
    assert (disk.read_bytes() != first) is made
    if made:
        assert subprocess.check_output(("e2label", disk)) == b"rockstate\n"


def test_an_image_grows_and_never_shrinks(tmp_path: Path) -> None:
    image = tmp_path / "images/a.img"
    for size, wanted in ((4096, 4096), (8192, 8192), (4096, 8192)):
        assert run("grow_image", str(image), str(size)).returncode == 0
        assert image.stat().st_size == wanted


def strays(directory: Path, *, group: str = GROUP, users: tuple[str, ...] = (USER,)) -> str:
    return run("strays", str(directory), group, *users).stdout.decode().strip()


def test_strays_are_those_of_other_users_and_groups(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").touch()
    assert strays(tmp_path) == strays(tmp_path, users=("nobody-at-all", USER)) == "0"
    assert strays(tmp_path, users=("nobody",)) == strays(tmp_path, users=("nobody-at-all",)) == "2"
    assert strays(tmp_path, group="nobody-at-all") == "2"
    assert strays(tmp_path / "absent") == ""


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_strays_are_given_to_the_first_user_and_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    state = tmp_path / "state"
    (state / "backups").mkdir(parents=True)
    for name, (uid, gid) in {"a": (4711, 4712), "backups/b": (0, 4712), "c": (0, 0), "d e": (4711, 0)}.items():
        (state / name).touch(mode=0o660)
        os.chown(state / name, uid, gid)
    (state / "link").symlink_to(tmp_path / "theirs")
    os.chown(state / "link", 4711, 4712, follow_symlinks=False)
    os.chown(tmp_path / "theirs", 4711, 4712)
    assert strays(state, group="root", users=("root",)) == "4"
    assert run("own", str(state), "root", "root").returncode == 0
    assert strays(state, group="root", users=("root",)) == "0"
    assert (tmp_path / "theirs").stat().st_uid == 4711


def test_a_unit_that_is_just_starting_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text(f"""#!/bin/sh
echo x >> {tmp_path}/asked
if [ "$(wc -l < {tmp_path}/asked)" -lt 2 ]
then printf 'ActiveState=activating\\nSubState=start\\nFragmentPath={program}\\n'
else printf 'ActiveState=active\\nSubState=running\\nFragmentPath={program}\\n'
fi
""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    told = run("unit", "", "x.service").stdout.decode().splitlines()
    assert told[:2] == ["ActiveState=active", "SubState=running"]
    assert told[-1].startswith("file=")


def test_the_label_of_what_is_mounted_comes_from_its_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, said in {"findmnt": "/dev/vdc xfs rw,noatime", "blkid": "rockws"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n[ $1 != -rno ] || [ $2 = SOURCE,FSTYPE,OPTIONS ] && echo {said}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert run("disk", "/dev/none", "/srv", "/none").stdout == b"MOUNT=rockws xfs rw,noatime\n"
