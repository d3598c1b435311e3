"""The control plane as one file: a wheel of this source, named by its content."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import rockpool
from rockpool.execute import files, home

_PACKAGE = Path(rockpool.__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Release:
    """One state of the source. Equal sources have equal names, whatever commit they are of."""

    name: str

    def wheel(self) -> Path:
        """Return its wheel, which is built unless it is there."""
        directory = home.make(home.home() / "releases") / self.name
        directory.mkdir(exist_ok=True)
        path = directory / f"rockpool-{_version()}-py3-none-any.whl"
        if not path.exists():
            files.write(path, _built())
        return path


def current() -> Release:
    """Return the release of the source as it is now."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(_PACKAGE)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return Release(name=f"{_version()}-{digest.hexdigest()[:12]}")


def _sources() -> Iterator[Path]:
    found = sorted(_PACKAGE.rglob("*"))
    return (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _version() -> str:
    return version("rockpool")


def _built() -> bytes:
    from hatchling.builders.wheel import WheelBuilder  # slow to import, and a second deploy builds nothing

    with tempfile.TemporaryDirectory() as directory:
        builder = WheelBuilder(str(_PACKAGE.parent))
        return Path(next(builder.build(directory=directory, versions=["standard"]))).read_bytes()
