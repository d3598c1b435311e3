"""What a maker gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rockpool.execute.image import client as clients
from rockpool.execute.image import tree
from rockpool.execute.image.client import Client
from rockpool.execute.image.together import Part
from rockpool.step import Argv


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing being made: what is left in `path` is the result; a maker removes `scratch` when it has done."""

    path: Path
    arch: str
    key: str
    client: Client
    log: Path
    part: Part
    """Waits for another thing and returns its directory."""

    @property
    def scratch(self) -> Path:
        """Return the directory that a tree sees as /scratch, with the client's configuration in it."""
        path = self.path / "scratch"
        if not path.exists():
            path.mkdir()
            clients.place(self.client, path / "client")
        return path

    def in_builder(self, argv: Argv) -> None:
        """Run a command with the builder's tools, /scratch being ours."""
        tree.run(self.part("builder") / "tree", self.scratch, argv, self.log)
