"""What a host was asked last time, so that the next run asks it all at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rockpool.connectors.replay import Answer
from rockpool.execute import files

MOST = 500
"""More commands than any deploy of ours asks; a longer list is not remembered."""


@dataclass
class Traffic:
    """How often a host was spoken to in one run.

    `round_trips` counts every remote command, prefetch and file transfer; `answered` the facts that needed none of
    their own. The connection itself (key exchange, login) is counted apart in `connections`.
    """

    connections: int = 0
    round_trips: int = 0
    answered: int = 0


@dataclass
class Memory:
    """The fact commands of a deploy on one host: those of last time (on disk), their answers, and those of this run.

    Answers are good only until something may have changed: `forget` drops them for the rest of the run.
    """

    path: Path
    asked: dict[str, None] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    fresh: bool = True

    def remembered(self) -> tuple[str, ...]:
        """Return the commands of last time; none when the list is missing or damaged, which costs time only."""
        try:
            commands = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return ()
        if not isinstance(commands, list) or not all(isinstance(command, str) for command in commands):
            return ()
        return tuple(commands[:MOST])

    def learn(self, answers: Mapping[str, Answer]) -> None:
        """Take answers in, unless something has changed meanwhile."""
        if self.fresh:
            self.answers.update(answers)

    def answer(self, command: str) -> Answer | None:
        """Return the answer to a command that succeeded; a failed one is run again, so that its error shows."""
        self.asked[command] = None
        found = self.answers.get(command)
        return found if found and found.code == 0 else None

    def forget(self) -> None:
        """Something may have changed: from here on every question goes to the host."""
        self.answers.clear()
        self.fresh = False

    def renew(self) -> None:
        """Begin afresh, as at the start of a run."""
        self.answers.clear()
        self.fresh = True

    def save(self, commands: Iterable[str] | None = None) -> None:
        """Remember what this run asked. The list holds questions only, never an answer or a secret."""
        listed = list(self.asked if commands is None else commands)
        if listed and len(listed) <= MOST and tuple(listed) != self.remembered():
            self.path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
            files.write(self.path, json.dumps(listed, indent=1) + "\n", mode=0o600)
