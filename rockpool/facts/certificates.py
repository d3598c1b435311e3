"""Authorities that a machine trusts beyond Debian's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase

from rockpool.facts.script import script


@dataclass(frozen=True, kw_only=True)
class TrustState:
    """The sha256 of each added certificate by file name; `stale` when the bundle was made before them."""

    added: dict[str, str] = field(default_factory=dict)
    stale: bool = False


class Trust(FactBase[TrustState]):
    """What is in `directory`, where the machine's owner puts authorities."""

    @staticmethod
    def default() -> TrustState:
        """Return what is told of a machine that is not there yet."""
        return TrustState()

    def command(self, directory: str) -> StringCommand:
        """Compare the directory with the bundle that is made from it."""
        return script("certificates", directory)

    def process(self, output: list[str]) -> TrustState:
        """Read sha256sum's lines."""
        rows = [line.split("  ", 1) for line in output if line != "stale"]
        return TrustState(added={row[1]: row[0] for row in rows}, stale="stale" in output)
