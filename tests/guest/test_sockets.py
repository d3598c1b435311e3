"""Connections to services of this machine."""

from pathlib import Path

import pytest

from rockpool.guest.sockets import connect


def test_who_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"nobody answers at {tmp_path}/s: No such file or directory"):
        connect(str(tmp_path / "s"), 1)
