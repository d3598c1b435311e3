"""What a runtime is. Abilities that only some have are Protocols of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from rockpool.current import MachineCurrent, WorkspaceCurrent
from rockpool.spec import Machine, Workspace
from rockpool.step import Argv, Run, Steps

Spec = TypeVar("Spec", Machine, Workspace, contravariant=True)
Current = TypeVar("Current", MachineCurrent, WorkspaceCurrent)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What it takes to bring something that exists to its spec. No steps: it is as wanted.

    `live` steps may run while it runs; the others need it stopped.
    """

    steps: Steps = ()
    live: bool = False


class Runtime(Protocol[Spec, Current]):
    """Says what to run so that a spec comes true."""

    @property
    def survey(self) -> Run:
        """The one command that reports everything a plan may touch."""
        ...

    def parse(self, stdout: str) -> dict[str, Current]:
        """Read the survey's output: what is there, by name. Raises Damaged when it cannot be read."""
        ...

    def create(self, spec: Spec) -> Steps:
        """Make it, or complete what an interrupted create left."""
        ...

    def start(self, spec: Spec) -> Steps:
        """Start it and wait until it answers."""
        ...

    def stop(self, spec: Spec) -> Steps:
        """Stop it gracefully; nothing is lost."""
        ...

    def remove(self, spec: Spec) -> Steps:
        """Remove it, complete or not."""
        ...

    def change(self, spec: Spec, current: Current) -> Change:
        """Compare what is wanted with what is there. Raises Refused when the way there would lose something."""
        ...

    def enter(self, spec: Spec) -> Argv:
        """Return the prefix that runs an argv inside it."""
        ...
