"""Who may change which home, one at a time. The kernel frees the locks of whoever was killed."""

from __future__ import annotations

import fcntl
import os
import struct
from binascii import crc32

from rockpool.guest import places

_LOCK = "hhqqi4x"  # struct flock of a 64-bit Linux


class Names:
    """Holds the homes of these names; whoever else wants one waits. Children of this process hold them too."""

    def __init__(self, *names: str) -> None:
        self._bytes = sorted(
            {crc32(name.encode()) for name in names}
        )  # in one order, so that no two wait for each other

    def __enter__(self) -> None:
        """Wait for all of them."""
        self._file = os.open(f"{places.HOMES}/.lock", os.O_RDWR | os.O_CREAT, 0o600)
        for byte in self._bytes:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLKW, _flock(byte))

    def __exit__(self, *_: object) -> None:
        """Free them."""
        os.close(self._file)


class Users:
    """Holds the choice of users for a moment: one home gets its own at a time."""

    def __enter__(self) -> None:
        """Wait for it."""
        self._directory = os.open(places.HOMES, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._directory, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """Free it."""
        os.close(self._directory)


def is_held(name: str) -> bool:
    """Say whether somebody holds the home of that name, this process included."""
    try:
        file = os.open(f"{places.HOMES}/.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        told = fcntl.fcntl(file, fcntl.F_OFD_GETLK, _flock(crc32(name.encode())))
        return bool(struct.unpack(_LOCK, told)[0] != fcntl.F_UNLCK)
    finally:
        os.close(file)


def _flock(byte: int) -> bytes:
    return struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
