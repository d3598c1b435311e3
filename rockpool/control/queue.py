"""The queue of hints. A hint says that a row may need work; what is to be done stands in the row alone.

So a hint that is lost, doubled or late harms nothing: the sweep finds the same rows some seconds later. What cannot be
read as a hint goes to the dead letters.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Protocol

from rockpool import names

MEMORY = "memory"


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Workspace `name` has a wish of this generation."""

    name: str
    generation: int

    def to_text(self) -> str:
        """Return what `parse` reads back."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message, to be deleted or buried by its `receipt`. `hint` is None when it cannot be read as one."""

    receipt: str
    body: str

    @property
    def hint(self) -> Hint | None:
        """Read it."""
        return parse(self.body)


@dataclass(frozen=True, kw_only=True)
class Dead:
    """A message that nobody could read; `at` is when it was sent, in milliseconds since 1970."""

    id: str
    body: str
    at: int


class Queue(Protocol):
    """Where hints wait. Each may be delivered more than once, and in any order."""

    def send(self, hint: Hint) -> bool:
        """Send a hint, and say whether it was taken. It never raises and takes 2 s at most: the sweep comes anyway."""
        ...

    def receive(self, seconds: int) -> list[Received]:
        """Return some messages as soon as there are any, none after that many seconds (20 at most).

        Raises HostNotReady when the queue does not answer.
        """
        ...

    def delete(self, received: Received) -> None:
        """Take a message out for good. Raises HostNotReady."""
        ...

    def bury(self, received: Received) -> None:
        """Move a message to the dead letters. Raises HostNotReady."""
        ...

    def dead(self) -> list[Dead]:
        """Return the dead letters, 100 at most. Raises HostNotReady."""
        ...

    def redrive(self) -> int:
        """Give the dead letters back to the queue and return how many. Raises HostNotReady."""
        ...


def connect(where: str) -> Queue:
    """Return the queue at a URL, or the one in this process for `memory`."""
    if where == MEMORY:
        return Memory()
    from rockpool.control.sqs import Sqs  # it brings boto3, 30 MB that `rockpool dev` does without

    return Sqs(where)


def parse(body: str) -> Hint | None:
    """Read a hint; None when it is none."""
    try:
        told = json.loads(body)
        name, generation = told["name"], told["generation"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(name, str) or names.workspace_name_fault(name) or type(generation) is not int:
        return None
    return Hint(name=name, generation=generation)


class Memory:
    """A queue for one process. What was received is not delivered again."""

    def __init__(self) -> None:
        self._bodies: deque[str] = deque()
        self._dead: list[str] = []
        self._changed = threading.Condition()

    def send(self, hint: Hint) -> bool:
        """Put it last."""
        self.put(hint.to_text())
        return True

    def put(self, body: str) -> None:
        """Put any text last."""
        with self._changed:
            self._bodies.append(body)
            self._changed.notify_all()

    def receive(self, seconds: int) -> list[Received]:
        """Take everything that waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._bodies, seconds)
            taken = [Received(receipt="", body=body) for body in self._bodies]
            self._bodies.clear()
        return taken

    def delete(self, received: Received) -> None:
        """Receiving has taken it out already."""

    def bury(self, received: Received) -> None:
        """Keep it aside."""
        with self._changed:
            self._dead.append(received.body)

    def dead(self) -> list[Dead]:
        """Return what was kept aside."""
        with self._changed:
            return [Dead(id=str(number), body=body, at=0) for number, body in enumerate(self._dead)][:100]

    def redrive(self) -> int:
        """Put it last again."""
        with self._changed:
            bodies, self._dead = self._dead, []
        for body in bodies:
            self.put(body)
        return len(bodies)
