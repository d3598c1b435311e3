"""Who works on a row. Only the holder of its lease may write what it found, and only while the lease lasts.

A holder renews its leases while it works; one that was killed loses them within seconds. A holder that was only asleep
finds at its next write that another has the row, and leaves it.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from rockpool.control import clock, events
from rockpool.control.reconcile import Retry
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import EventRow, WorkspaceRow

LEASE_SECONDS = 15.0
"""How long a killed holder keeps others away. A holder renews after a third of it."""

_COPIED = func.coalesce(WorkspaceRow.spec["home"].as_string(), "")
_WAITED = 60_000
"""Milliseconds that a transaction may have waited since it read the clock, at most."""

_AT_REST = (Status.RUNNING, Status.STOPPED)


class Lost(Exception):
    """Another one holds the lease now, or the row is gone: what was found is worth nothing any more."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A row whose lease is ours, at the generation that is worked on."""

    row: WorkspaceRow
    request_id: str = ""

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self.row.name


class Leases:
    """The leases of one worker."""

    def __init__(self, store: Store, *, starting: int, seconds: float = LEASE_SECONDS) -> None:
        self._store, self._starting, self.seconds = store, starting, seconds
        self.holder = f"{os.getpid()}.{_started(os.getpid())}.{secrets.token_hex(4)}"
        self._names: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, suspects: Collection[str] = ()) -> Held | None:
        """Take the lease of the next row that needs work, or that is suspected to; None when there is none now.

        At most `starting` rows are held to be started, by all workers together.
        """
        with self._store.writing() as session:
            now = clock.now()
            query = select(WorkspaceRow).where(self._free(now), _needs(now, suspects), *self._parted(session, now))
            if self._count_starts(session, now) >= self._starting:
                query = query.where(~_starts())
            row = session.scalar(query.order_by(WorkspaceRow.updated_at, WorkspaceRow.id).limit(1))
            if row is None:
                return None
            row.lease_holder, row.lease_until = self.holder, self._end(now)
            held = Held(row=row, request_id=_asked_by(session, row.name))
        with self._lock:
            self._names.add(row.name)
        return held

    def inherit(self) -> None:
        """Free the rows of holders that were killed, which all ran on this machine, before their leases end."""
        with self._store.writing() as session:
            held = select(WorkspaceRow.lease_holder).where(WorkspaceRow.lease_holder != "").distinct()
            dead = [holder for holder in session.scalars(held) if not _is_alive(holder)]
            if dead:
                theirs = WorkspaceRow.lease_holder.in_(dead)
                session.execute(update(WorkspaceRow).where(theirs).values(lease_holder="", lease_until=0))

    def renew(self) -> None:
        """Make all leases last again; those that were lost are known as lost from now on."""
        with self._lock:
            mine = set(self._names)
        if not mine:
            return
        with self._store.writing() as session:
            now = clock.now()
            still = set(session.scalars(select(WorkspaceRow.name).where(self._mine(now))))
            session.execute(update(WorkspaceRow).where(self._mine(now)).values(lease_until=self._end(now)))
        with self._lock:
            self._names -= mine - still

    def holds(self, name: str) -> bool:
        """Say whether the lease was there when it was last renewed."""
        with self._lock:
            return name in self._names

    @contextmanager
    def writing(self, held: Held) -> Iterator[tuple[Session, WorkspaceRow]]:
        """Write to a row that is held, or raise Lost. A wish of a later generation stays as it is."""
        with self._store.writing() as session:
            row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.id == held.row.id, self._mine(clock.now())))
            if row is None:
                self._forget(held.name)
                raise Lost(held.name)
            yield session, row

    def again(self, held: Held) -> Held:
        """Return the row as it stands now, with the wishes that came meanwhile. Raises Lost."""
        with self.writing(held) as (session, row):
            return Held(row=row, request_id=_asked_by(session, row.name))

    def say(self, held: Held, kind: str, text: str) -> None:
        """Note an event of the work on a row. It needs no lease: it tells what was done."""
        with self._store.writing() as session:
            _event(session, held, kind, text)

    def way(self, held: Held, status: Status, *, made: bool) -> None:
        """Write that its home exists, and its state while it is worked on. Raises Lost."""
        with self.writing(held) as (session, row):
            row.made = row.made or made
            if row.generation == held.row.generation:
                _state(session, held, row, status)

    def done(self, held: Held, status: Status, *, made: bool, cgroup: str = "") -> bool:
        """Write that the wish came true and let the row go. False: there is a later wish, and it is still held.

        Raises Lost.
        """
        with self.writing(held) as (session, row):
            row.made = row.made or made
            row.observed_generation = max(row.observed_generation, held.row.generation)
            row.attempts, row.retry_at, row.cgroup = 0, 0, cgroup
            if row.generation != held.row.generation:
                return False
            _state(session, held, row, status)
            row.reason = ""
            row.lease_holder, row.lease_until = "", 0
        self._forget(held.name)
        return True

    def gone(self, held: Held) -> bool:
        """Remove the row of a workspace of which nothing is left. False: there is a later wish, and it is still held.

        Raises Lost.
        """
        with self.writing(held) as (session, row):
            if row.generation != held.row.generation:
                return False
            _event(session, held, "state", "deleted")
            session.delete(row)
        self._forget(held.name)
        return True

    def failed(self, held: Held, reason: str, retry: Retry) -> None:
        """Write why it did not come true, when to try again, and let the row go. Raises Lost."""
        with self.writing(held) as (session, row):
            if row.generation == held.row.generation:
                if row.reason != reason or not retry.error:
                    _event(session, held, "error", reason)
                row.attempts, row.retry_at, row.reason = row.attempts + 1, clock.now() + retry.after, reason
                if retry.error:
                    _state(session, held, row, Status.ERROR)
            row.lease_holder, row.lease_until = "", 0
        self._forget(held.name)

    def release(self, held: Held) -> None:
        """Let a row go as it is, for whoever comes next."""
        self._forget(held.name)
        with self._store.writing() as session:
            mine = and_(WorkspaceRow.id == held.row.id, WorkspaceRow.lease_holder == self.holder)
            session.execute(update(WorkspaceRow).where(mine).values(lease_holder="", lease_until=0))

    def next_retry(self) -> int:
        """Return when the next failed row is tried again, in milliseconds since 1970; 0 when none waits."""
        with self._store.reading() as session:
            waits = WorkspaceRow.retry_at > clock.now()
            return session.scalar(select(func.min(WorkspaceRow.retry_at)).where(waits)) or 0

    def _count_starts(self, session: Session, now: int) -> int:
        held = select(func.count()).select_from(WorkspaceRow).where(~self._free(now), _starts())
        return session.scalar(held) or 0

    def _parted(self, session: Session, now: int) -> tuple[ColumnElement[bool], ...]:
        """Keep a workspace and the copy that is made of its home apart: it stands still for that, which is no fault."""
        held = session.execute(select(WorkspaceRow.name, _COPIED, WorkspaceRow.made).where(~self._free(now))).all()
        sources = [home.removeprefix("copy/") for _, home, made in held if not made and home.startswith("copy/")]
        copies = [f"copy/{name}" for name, _, _ in held]
        return WorkspaceRow.name.not_in(sources), or_(WorkspaceRow.made, _COPIED.not_in(copies))

    def _mine(self, now: int) -> ColumnElement[bool]:
        return and_(WorkspaceRow.lease_holder == self.holder, WorkspaceRow.lease_until > now)

    def _free(self, now: int) -> ColumnElement[bool]:
        # A lease that ends much later than any may was given before the clock was set back.
        return or_(WorkspaceRow.lease_until <= now, WorkspaceRow.lease_until > self._end(now) + _WAITED)

    def _end(self, now: int) -> int:
        return now + round(self.seconds * 1000)

    def _forget(self, name: str) -> None:
        with self._lock:
            self._names.discard(name)


def _started(pid: int) -> str:
    """Return when a process was started, in ticks since the boot; empty when it has ended or nobody can say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "XZ" else fields[18]


def _is_alive(holder: str) -> bool:
    pid, started, _ = holder.split(".")
    return not started or _started(int(pid)) == started


def _needs(now: int, suspects: Collection[str]) -> ColumnElement[bool]:
    """Say what needs work by its row alone: a wish that has not come true, or a state on the way to one."""
    lags = or_(
        WorkspaceRow.generation > WorkspaceRow.observed_generation,
        WorkspaceRow.status.not_in(_AT_REST),
        WorkspaceRow.name.in_(suspects),
    )
    return and_(lags, WorkspaceRow.retry_at <= now)


def _starts() -> ColumnElement[bool]:
    return and_(WorkspaceRow.desired == Desired.RUNNING, WorkspaceRow.status != Status.RUNNING)


def _asked_by(session: Session, name: str) -> str:
    """Return which request the newest wish came by."""
    wishes = select(EventRow.request_id).where(EventRow.workspace == name, EventRow.kind == "wish")
    return session.scalar(wishes.order_by(EventRow.id.desc()).limit(1)) or ""


def _state(session: Session, held: Held, row: WorkspaceRow, status: Status) -> None:
    if row.status != status:
        row.status, row.updated_at = status, clock.now()
        _event(session, held, "state", status)


def _event(session: Session, held: Held, kind: str, text: str) -> None:
    events.add(session, kind, text, workspace=held.name, generation=held.row.generation, request_id=held.request_id)
