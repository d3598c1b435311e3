"""From what pyinfra prints to people's words. Nothing here does anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rockpool.errors import Damaged

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_START = re.compile(r"--> Starting (?:\w+ )?operation: (?P<name>.+?)\s*$")
_HOST = re.compile(r"\s+\[(?P<host>[^\]]+)\]\s+(?P<text>.*)$")
_CHANGED, _SAME = "Success", "No changes"
_NOISE = ("Skipped", "Connected", "Ready: ")
_REASONS = ("  why: ", "  fix: ")
"""How the further lines of an error of ours begin, which pyinfra prints without the host."""


@dataclass(frozen=True, kw_only=True)
class Begins:
    """An operation begins."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Ends:
    """An operation ended well on a host."""

    host: str
    changed: bool


@dataclass(frozen=True, kw_only=True)
class Says:
    """A host said something: progress, or the output of a command that failed."""

    host: str
    text: str


def read(line: str) -> Begins | Ends | Says | None:
    """Read one line of pyinfra's stderr; None for what tells people nothing."""
    plain = _COLOUR.sub("", line.rstrip("\n"))
    if found := _START.match(plain):
        return Begins(name=words(found["name"]))
    if plain.startswith(_REASONS):
        return Says(host="", text=plain)
    found = _HOST.match(plain)
    if not found:
        return None
    host, text = found["host"], found["text"]
    if text.startswith((_CHANGED, _SAME)):
        return Ends(host=host, changed=text.startswith(_CHANGED))
    return None if text.startswith(_NOISE) else Says(host=host, text=text)


def words(name: str) -> str:
    """Say an operation's name: the part of the deploy, then the operation."""
    return ": ".join(part.strip() for part in name.split(" | ") if part.strip())


@dataclass(frozen=True, kw_only=True)
class Change:
    """An operation that would change something on these hosts."""

    name: str
    hosts: tuple[str, ...]


def drift(stdout: str) -> tuple[Change, ...]:
    """Read the plan of `pyinfra --dry --json`: what would change. Raises Damaged when it is something else."""
    try:
        plan = json.loads(stdout)["plan"]
        return tuple(
            Change(name=words(row["names"][0]), hosts=tuple(row["hosts_with_change"]))
            for row in plan
            if row["hosts_with_change"]
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Damaged("cannot read pyinfra's plan", why=f"{type(error).__name__}: {error}") from error


def totals(stdout: str) -> Mapping[str, Any]:
    """Read the totals of `pyinfra -y --json`: hosts, success (changed), error, no_change. Raises Damaged."""
    try:
        return dict(json.loads(stdout)["results"]["totals"])
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("cannot read pyinfra's results", why=f"{type(error).__name__}: {error}") from error
