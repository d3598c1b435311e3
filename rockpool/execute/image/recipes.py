"""What each thing is made from: files below `images/`, and other things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rockpool.execute.image import store
from rockpool.execute.image.client import Client
from rockpool.execute.image.pins import SOURCES


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Inputs of one thing. `files` are files or directories below `images/`; `needs` are names of other recipes."""

    files: tuple[str, ...]
    needs: tuple[str, ...] = ()


RECIPES: Mapping[str, Recipe] = {
    "builder": Recipe(files=("builder", "client.sh")),
    "caddy": Recipe(files=("caddy",), needs=("builder",)),
    "elasticmq": Recipe(files=("elasticmq",), needs=("builder",)),
    "control": Recipe(files=("control",), needs=("builder",)),
    "workspace": Recipe(files=("workspace", "client.sh"), needs=("builder",)),
    "root-vm": Recipe(
        files=("root_vm", "machine", "client.sh"), needs=("builder", "caddy", "elasticmq", "control", "workspace")
    ),
    "vanilla": Recipe(files=("vanilla", "machine", "client.sh"), needs=("builder",)),
}
"""In the order of their needs."""

MACHINES = ("root-vm", "vanilla")
"""Those that a machine boots."""

PACKAGES = ("caddy", "elasticmq", "control", "workspace")
"""Those that are a Debian package of ours."""


def keys(arch: str, client: Client) -> dict[str, str]:
    """Return the key of every recipe: pins, its files, client configuration, the keys of what it needs."""
    shared = {
        "arch": arch.encode(),
        "versions.toml": (SOURCES / "versions.toml").read_bytes(),
        "enter.sh": (SOURCES / "enter.sh").read_bytes(),
        **client.digest_parts(),
    }
    found: dict[str, str] = {}
    for name, recipe in RECIPES.items():
        parts = {f"file/{path.relative_to(SOURCES)}": path.read_bytes() for path in _files(recipe)}
        needs = {f"needs/{need}": found[need].encode() for need in recipe.needs}
        found[name] = store.key({"name": name.encode(), **shared, **parts, **needs})
    return found


def _files(recipe: Recipe) -> list[Path]:
    roots = [SOURCES / name for name in recipe.files]
    inside = [path for root in roots for path in (root.rglob("*") if root.is_dir() else (root,))]
    return [path for path in inside if path.is_file()]
