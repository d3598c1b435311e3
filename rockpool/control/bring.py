"""Brings one workspace to what its row wishes for: survey, plan, carry out, survey again, write what came true."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from rockpool import plan
from rockpool.control import clock, reconcile, record
from rockpool.control.lease import Held, Leases, Lost
from rockpool.control.look import Found, Look
from rockpool.control.numbers import Numbers
from rockpool.control.reconcile import Fail, Go, Later, Nothing, Row, Wish
from rockpool.control.states import Desired, Status
from rockpool.control.tables import WorkspaceRow
from rockpool.current import WorkspaceCurrent
from rockpool.errors import RockpoolError, StepFailed
from rockpool.execute.child import Gone
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.spec import Workspace
from rockpool.step import Run, Step, Steps

PLANS = {Wish.PRESENT: plan.present, Wish.STOPPED: plan.stopped, Wish.ABSENT: plan.absent}
PROGRESS_SECONDS = 2.0
"""Between two lines of one step's progress at least."""

_log = logging.getLogger(__name__)
_SHORTEST_SECRET = 4


class Hand(Protocol):
    """Who carries out steps: `rockpool.execute.hand.Hand`."""

    def carry_out(self, steps: Steps, tell: Callable[[Step, str], None], *, stop: Callable[[], bool]) -> bool:
        """Do each step and return whether all are done; False when `stop` came before the end."""
        ...

    def ask(self, step: Run, *, stop: Callable[[], bool]) -> str:
        """Return what one command prints."""
        ...


@dataclass(frozen=True, kw_only=True)
class Bring:
    """Works on rows whose lease is held, one at a time in each thread."""

    leases: Leases
    look: Look
    hand: Hand
    stop: Callable[[], bool]
    cgroup: Callable[[str], str] = lambda _name: ""
    numbers: Numbers = field(default_factory=Numbers)

    def __call__(self, held: Held) -> None:
        """Work on a row until its newest wish came true or failed. Raises nothing but what the database raises."""
        try:
            while held_again := self._once(held):
                held = held_again
        except Lost:
            _log.info("another worker has the row", extra={"workspace": held.name})
        except Gone:
            self.leases.release(held)
        except Exception as error:  # whatever it is, the row says so, and others are worked on
            if not isinstance(error, RockpoolError):
                _log.exception("work on a row has failed", extra={"workspace": held.name})
            self._failed(held, error)
        finally:
            self.numbers.forget(held.name)

    def _once(self, held: Held) -> Held | None:
        """Go once from survey to what came true; returns the row when there is a later wish."""
        row, found = row_of(held.row), self.look()
        match reconcile.decide(row, found.there.get(held.name), clock.now()):
            case Fail(error=error):
                raise error
            case Later():
                self.leases.release(held)
                return None
            case Nothing():
                return self._gone(held, row, found)
            case Go() as go:
                return self._go(held, row, go, found)

    def _go(self, held: Held, row: Row, go: Go, found: Found) -> Held | None:
        steps: Steps = ()
        for wish in go.wishes:
            found = self.look() if steps else found
            current = found.there.get(held.name)
            seen = reconcile.proven(row, current)
            runtime = self.numbers.promise(found.runtime, row.spec, seen)
            steps = PLANS[wish](row.spec, seen, runtime)
            down = go.way is Status.RUNNING and _goes_down(row.spec, seen, runtime)
            way = row.status if not steps else Status.STARTING if down else go.way
            self.leases.way(held, way, made=bool(current and current.home))
            if not self._carry_out(held, row, steps):
                self.leases.release(held)
                return None
        return self._commit(held, row, go, self.look() if steps else found)

    def _commit(self, held: Held, row: Row, go: Go, found: Found) -> Held | None:
        current = found.there.get(held.name)
        if left := PLANS[go.wishes[-1]](row.spec, current, found.runtime):
            why = f"still to do: {'; '.join(step.why for step in left)}"
            raise StepFailed(f"workspace {held.name} did not become as wished", why=why)
        if row.desired is Desired.ABSENT:
            return self._gone(held, row, found)
        cgroup = self.cgroup(held.name) if go.end is Status.RUNNING else ""
        done = self.leases.done(held, go.end, made=bool(current and current.home), cgroup=cgroup)
        return None if done else self.leases.again(held)

    def _gone(self, held: Held, row: Row, found: Found) -> Held | None:
        kept = [home for home in found.runtime.kept if _is_of(home, held.row)] if held.row.purge else []
        steps = tuple(step for home in kept for step in found.runtime.purge(home))
        if not self._carry_out(held, row, steps):
            self.leases.release(held)
            return None
        if not steps:
            record.homes(self.look.store, found.runtime.kept, found.at)  # who sees that it is gone sees what is kept
        return None if self.leases.gone(held) else self.leases.again(held)

    def _carry_out(self, held: Held, row: Row, steps: Steps) -> bool:
        told = _Told(self.leases, held, row.spec)
        return self.hand.carry_out(steps, told, stop=lambda: self.stop() or not self.leases.holds(held.name))

    def _failed(self, held: Held, error: Exception) -> None:
        reason = without_secrets(told(error), held.row.spec.get("env", {}).values())
        retry = reconcile.retry(held.row.attempts + 1, error, random.random())  # noqa: S311  # to spread retries
        try:
            self.leases.failed(held, reason, retry)
        except Lost:
            _log.info("another worker has the row", extra={"workspace": held.name})


class _Told:
    """Tells steps as events, their progress not too often."""

    def __init__(self, leases: Leases, held: Held, spec: Workspace) -> None:
        self._leases, self._held, self._spec = leases, held, spec
        self._last = 0.0

    def __call__(self, step: Step, text: str) -> None:
        begins = text == step.why
        if not begins and time.monotonic() - self._last < PROGRESS_SECONDS:
            return
        self._last = time.monotonic()
        self._leases.say(self._held, "step", without_secrets(text, (value for _, value in self._spec.env)))


def row_of(row: WorkspaceRow) -> Row:
    """Return what decides. Raises InputError when another version has written a spec that this one cannot read."""
    return Row(
        spec=row.wanted,
        desired=Desired(row.desired),
        status=Status(row.status),
        generation=row.generation,
        observed_generation=row.observed_generation,
        restart_generation=row.restart_generation,
        reason=row.reason,
        made=row.made,
        retry_at=row.retry_at,
    )


def told(error: Exception) -> str:
    """Say a fault on one line."""
    if not isinstance(error, RockpoolError):
        return f"a fault in Rockpool itself: {error!r}"
    parts = (error.what, error.why and f": {error.why}", error.fix and f". To mend it: {error.fix}")
    return " ".join("".join(part for part in parts if part).split())


def without_secrets(text: str, values: Iterable[str]) -> str:
    """Return a text in which no value of a workspace's environment stands."""
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "<secret>")
    return text


def _goes_down(spec: Workspace, seen: WorkspaceCurrent | None, runtime: Podman | Stub) -> bool:
    """Say whether one that runs cannot go on running while it is changed."""
    if seen is None or seen.foreign:
        return False
    change = runtime.change(spec, seen)
    return bool(change.steps) and not change.live


def _is_of(kept: str, row: WorkspaceRow) -> bool:
    """Say whether a home that is kept was this row's, not one of an earlier workspace of its name."""
    name, _, time_ns = kept.rpartition(".")
    return name == row.name and int(time_ns) // 1_000_000 >= row.created_at
