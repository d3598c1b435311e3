"""A file is replaced whole or not at all."""

import stat
from pathlib import Path

import pytest

from rockpool.execute import files


def test_a_file_gets_its_content_and_mode(tmp_path: Path) -> None:
    target = tmp_path / "a"
    files.write(target, "one", mode=0o600)
    files.write(target, b"two", mode=0o640)
    assert target.read_bytes() == b"two"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    directory = tmp_path / "taken"
    directory.mkdir()
    with pytest.raises(IsADirectoryError):
        files.write(directory, "x")
    assert list(tmp_path.iterdir()) == [directory]
