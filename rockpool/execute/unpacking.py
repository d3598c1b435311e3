"""Unpacking an archive that code wrote which nobody vouches for.

Safe by the order: all files and directories first, into a directory of ours in which there is no link; then the links,
none of whose parents can be a link by then. So nothing is ever written through a link.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from rockpool.errors import Damaged

Tell = Callable[[str], None]


def unpack(archive: tarfile.TarFile, place: Path, tell: Tell) -> None:
    """Unpack a stream into `place`, a new directory. Devices, sockets and pipes are left out and told.

    No file gets more than 0755 and this user's ownership. Raises Damaged for a name that leads out of `place` or comes
    twice.
    """
    place.mkdir()
    links: list[tuple[Path, str]] = []
    try:
        for member in archive:
            path = _below(place, member.name)
            if member.issym():
                path.parent.mkdir(parents=True, exist_ok=True)
                links.append((path, member.linkname))
            elif not _put(archive, member, path, place):
                tell(f"left out {member.name}: it is no file, directory or link")
        for path, target in links:
            path.symlink_to(target)
    except (FileExistsError, FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise Damaged("the archive contradicts itself", why=str(error), fix="copy again, or less of it") from error


def _put(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, place: Path) -> bool:
    """Put a directory, a file or a second name of a file in its place; say whether it was one."""
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
    elif member.islnk():
        os.link(_below(place, member.linkname), path)
    elif member.isreg() and (content := archive.extractfile(member)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            shutil.copyfileobj(content, file)
        path.chmod(member.mode & 0o755 | 0o600)
        os.utime(path, (member.mtime, member.mtime))
    else:
        return False
    return True


def _below(place: Path, name: str) -> Path:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        raise Damaged("the archive is refused", why=f"it holds {name!r}, which leads out of it")
    return place / parts
