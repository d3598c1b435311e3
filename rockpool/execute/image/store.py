"""Finished things, one directory a content key: there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from rockpool.errors import Damaged
from rockpool.execute import files, home, lock

FORMAT = 1
"""Raise it when the code, and no file below images/, changes what comes out: it is part of every key."""

MANIFEST = "manifest.json"


def key(parts: Mapping[str, bytes]) -> str:
    """Return 12 hex of a hash over named contents."""
    digest = hashlib.sha256(f"format {FORMAT}\n".encode())
    for name, content in sorted(parts.items()):
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def ensure(name: str, arch: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the directory of that key; absent or damaged, `make` fills a temporary one that takes its place.

    Busy when another process makes something of this name. A killed one leaves a temporary directory, removed here.
    """
    final = directory(name, arch, key)
    if _is_whole(final):
        return final
    with lock.hold(home.locks() / f"image-{name}.lock", f"build image {name}"):
        if _is_whole(final):
            return final
        home.make(home.images())
        for leftover in (*home.images().glob(f".{name}-{arch}-*.part"), final):
            if leftover.exists():
                shutil.rmtree(leftover)
        part = final.with_name(f".{final.name}.part")
        part.mkdir(mode=0o700)
        try:
            make(part)
            _seal(part)
        except Exception:
            shutil.rmtree(part, ignore_errors=True)
            raise
        part.rename(final)
    return final


def directory(name: str, arch: str, key: str) -> Path:
    """Return where a finished thing lies, whether it is there or not."""
    return home.images() / f"{name}-{arch}-{key}"


def check(path: Path, *, thorough: bool = False) -> None:
    """Raise Damaged unless every file has the size and time of its manifest; `thorough` compares hashes too."""
    try:
        manifest = json.loads((path / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise _damaged(path, f"its {MANIFEST} cannot be read") from error
    for name, wanted in manifest.items():
        file = path / name
        if not file.is_file():
            raise _damaged(path, f"{name} is missing")
        stat = file.stat()
        if (stat.st_size, stat.st_mtime_ns) != (wanted["size"], wanted["mtime_ns"]):
            raise _damaged(path, f"{name} has changed since it was built")
        if thorough and _sha256(file) != wanted["sha256"]:
            raise _damaged(path, f"{name} does not have the content that was built")


def allocated(path: Path) -> int:
    """Return the bytes that the files directly in a directory take on disk: holes do not count."""
    return sum(file.stat().st_blocks * 512 for file in path.iterdir() if file.is_file()) if path.exists() else 0


def _seal(part: Path) -> None:
    """Write the manifest of all files directly in the directory, then let others pass through."""
    manifest = {
        path.name: {"size": path.stat().st_size, "mtime_ns": path.stat().st_mtime_ns, "sha256": _sha256(path)}
        for path in sorted(part.iterdir())
        if path.is_file()
    }
    files.write(part / MANIFEST, json.dumps(manifest, indent=1))
    part.chmod(0o711)


def _is_whole(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        check(path)
    except Damaged:
        return False
    return True


def _damaged(path: Path, why: str) -> Damaged:
    return Damaged(f"image {path.name} is damaged", why=why, fix="invoke image.build makes it again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
