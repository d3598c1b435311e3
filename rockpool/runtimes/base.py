"""What a runtime is. Abilities that only some have are Protocols of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from rockpool.current import MachineCurrent, WorkspaceCurrent
from rockpool.spec import Machine, Workspace
from rockpool.step import Argv, Run, Steps

Spec = TypeVar("Spec", Machine, Workspace, contravariant=True)
Current = TypeVar("Current", MachineCurrent, WorkspaceCurrent)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What it takes to bring something that exists to its spec. No steps: it is as wanted.

    `live` steps may run while it runs; the others need it stopped. `anew`: after the steps it has to be created again.
    """

    steps: Steps = ()
    live: bool = False
    anew: bool = False


class Runtime(Protocol[Spec, Current]):
    """Says what to run so that a spec comes true. `current` None: nothing of it is there."""

    @property
    def survey(self) -> Run:
        """The one command that reports everything a plan may touch."""
        ...

    def parse(self, stdout: str) -> dict[str, Current]:
        """Read the survey's output: what is there, by name. Raises Damaged when it cannot be read."""
        ...

    def create(self, spec: Spec, current: Current | None, *, running: bool) -> Steps:
        """Make it, or complete what an interrupted create left; `running`: start it too and wait until it answers."""
        ...

    def start(self, spec: Spec, current: Current) -> Steps:
        """Whatever is missing until it runs and answers; nothing when it does."""
        ...

    def stop(self, spec: Spec, current: Current) -> Steps:
        """Stop it gracefully unless it is stopped; nothing is lost."""
        ...

    def remove(self, spec: Spec, current: Current) -> Steps:
        """Stop it gracefully and remove it, complete or not."""
        ...

    def change(self, spec: Spec, current: Current) -> Change:
        """Compare what is wanted with what is there. Raises Refused when the way there would lose something."""
        ...

    def enter(self, spec: Spec) -> Argv:
        """Return the prefix that runs an argv inside it."""
        ...


class KeepsHomes(Protocol):
    """A runtime whose workspaces have homes that outlive them, and that can be copied."""

    def surveyed(self, stdout: str) -> Self:
        """Return the runtime that knows from the survey which homes are there. Raises Damaged."""
        ...

    @property
    def kept(self) -> tuple[str, ...]:
        """The homes that were set aside, as NAME.TIME (TIME in ns since 1970), oldest first."""
        ...

    def purge(self, kept: str) -> Steps:
        """Delete a home that was set aside, for good."""
        ...


class Adopts(Protocol):
    """A runtime whose workspaces can be taken over by a store that knows nothing of them yet."""

    def recall(self, spec: Workspace) -> Run:
        """Print what the survey leaves out: what env holds. Others must not see it."""
        ...

    def recalled(self, spec: Workspace, stdout: str) -> Workspace:
        """Return the surveyed spec with what `recall` printed, so that a plan for it is empty. Raises Damaged."""
        ...
