"""Firewall rules as the kernel has them, beside what a file means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script

Statements = tuple[str, ...]
"""What a table says, one statement a line, in the order in which it counts."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A table as it is live, and as a file means it; empty where there is none."""

    live: Statements
    meant: Statements


class Ruleset(FactBase[Tables | None]):
    """The `inet` table of this name beside the one in `file`; None without nftables."""

    def requires_command(self, *_args: object, **_kwargs: object) -> str:
        """Need nftables."""
        return "nft"

    def command(self, table: str, file: str) -> StringCommand:
        """List both."""
        return script("nftables", table, file)

    def process(self, output: list[str]) -> Tables:
        """Read a line of JSON each."""
        live, meant = (statements(json.loads(line)) for line in output if line.strip())
        return Tables(live=live, meant=meant)


def statements(listed: dict[str, Any]) -> Statements:
    """Say what `nft -j list table` printed, without what changes by itself: handles, counts, learned elements.

    The order of rules counts, the order of tables, sets and chains does not.
    """
    rows = [row for row in listed.get("nftables", []) if "metainfo" not in row]
    rules = [_text(row) for row in rows if "rule" in row]
    return (*sorted(_text(row) for row in rows if "rule" not in row), *rules)


def _text(row: dict[str, Any]) -> str:
    return json.dumps(_lasting(row), sort_keys=True)


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = {"handle", "packets", "bytes"} | ({"elem"} if "dynamic" in value.get("flags", []) else set())
    kept = {key: _lasting(item) for key, item in value.items() if key not in dropped}
    return {**kept, **{key: _sorted(kept[key]) for key in ("set", "elem", "flags") if isinstance(kept.get(key), list)}}


def _sorted(items: list[Any]) -> list[Any]:
    """Members of a set have no order of their own."""
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
