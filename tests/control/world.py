"""Workers as real processes that are killed, and what has to hold when nobody kills them any more.

What is killed here on the stub runtime can be killed on a real one: a `World` says where the workers run.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from rockpool.control import queue, sweep, worker, workspaces
from rockpool.control import settings as read
from rockpool.control.bring import Bring
from rockpool.control.lease import Leases
from rockpool.control.look import Found, Look
from rockpool.control.settings import Settings
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import EventRow, WorkspaceRow
from rockpool.current import State
from rockpool.execute.hand import Hand, never
from rockpool.spec import MIB, Workspace
from rockpool.step import Step, Steps

BY = workspaces.Asker(user="test")
LEASE = 5.0
SECONDS = 900
"""In which a pass ends, on an emulated machine too."""

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(["rockpool.control.worker", "sqlalchemy.dialects.sqlite"])  # what takes long to import


class Killed(BaseException):
    """Stands for a kill in this process: nothing of ours catches it."""


def _raise() -> None:
    raise Killed


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal(Hand):
    """Dies at one boundary of a plan or of the database, counted from 1; 0 is immortal."""

    def __init__(self, kill_at: int = 0, die: Callable[[], None] = _kill) -> None:
        super().__init__()
        self._kill_at, self._die = kill_at, die
        self._count, self._lock = 0, threading.Lock()

    def boundary(self, *_: object) -> None:
        with self._lock:
            self._count += 1
            if self._count == self._kill_at:
                self._die()

    def carry_out(self, steps: Steps, tell: Callable[[Step, str], None], *, stop: Callable[[], bool]) -> bool:  # type: ignore[override]
        def told(step: Step, text: str) -> None:
            tell(step, text)
            self.boundary()

        done = super().carry_out(steps, told, stop=stop)
        self.boundary()
        return done


class Here:
    """Workers on this machine, whatever runtime their settings name. `commits`: a commit is a boundary as well."""

    def __init__(self, settings: Settings, *, image: str = "workspace", commits: bool = False) -> None:
        self.settings, self.image, self.commits = settings, image, commits
        self.store = Store(settings.state)

    def start(self, kill_at: int = 0, *, forever: bool = False) -> Any:
        process = _FORK.Process(target=live, args=(self.settings, kill_at, forever, self.commits), daemon=True)
        process.start()
        return process

    def run(self, kill_at: int = 0) -> bool:
        process = self.start(kill_at)
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
        assert process.exitcode in (0, -signal.SIGKILL), f"it does not end: {standing(self.store)}"
        assert not any(status == Status.ERROR for _, status, _ in standing(self.store)), standing(self.store)
        return process.exitcode == 0

    def found(self) -> Found:
        return Look(self.settings, self.store, Hand().ask)()


class Stubs(Here):
    """Workers on this machine that drive the stub runtime below `state`."""

    def __init__(self, state: Path, queue: str = "memory") -> None:
        stub = str(state / "stub")
        (state / "stub").mkdir(exist_ok=True)
        told = {"state": str(state), "runtime": "stub", "stub": stub, "queue": queue, "sweep": "1s"}
        super().__init__(Settings.parse(told), commits=True)

    def pass_through(self, kill_at: int = 0) -> bool:
        """Do in this process what a worker does, one row after another; False when it was killed at that boundary."""
        hand, store = Mortal(kill_at, _raise), Store(self.settings.state)
        event.listen(store._engine, "commit", hand.boundary)
        leases = Leases(store, starting=3)
        look = Look(self.settings, store, hand.ask)
        bring = Bring(leases=leases, look=look, hand=hand, stop=never)
        look_around = sweep.Sweep(store=store, look=look, runtime="stub")
        try:
            while held := leases.claim(look_around()):
                bring(held)
        except Killed:
            return False
        finally:
            store.close()
            self._end_leases()
        return True

    def _end_leases(self) -> None:
        with self.store.writing() as session:
            session.execute(update(WorkspaceRow).where(WorkspaceRow.lease_until > 0).values(lease_until=1))

    def forget(self, name: str) -> None:
        """Remove a workspace by hand."""
        (self.settings.stub / f"{name}.json").unlink()


def live(settings: Settings, kill_at: int, forever: bool, commits: bool) -> None:
    """Be a worker."""
    hand = Mortal(kill_at)
    store = Store(settings.state)
    if commits:
        event.listen(Engine, "commit", hand.boundary)
    crew = worker.build(settings, store, queue.connect(settings.queue), hand, lease=LEASE)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=crew.stop).start())
    if not forever:
        threading.Thread(target=_end_when_settled, args=(store, crew.stop), daemon=True).start()
    crew.run()


def _end_when_settled(store: Store, end: Callable[[], None]) -> None:
    while not is_settled(store) and not any(status == Status.ERROR for _, status, _ in standing(store)):
        time.sleep(0.05)
    end()


def standing(store: Store) -> list[tuple[str, str, str]]:
    """Return the name, status and reason of each workspace."""
    with store.reading() as session:
        return [(row.name, row.status, row.reason) for row in session.scalars(select(WorkspaceRow))]


def is_settled(store: Store) -> bool:
    with store.reading() as session:
        return all(
            row.generation == row.observed_generation and row.status in ("running", "stopped") and not row.lease_holder
            for row in session.scalars(select(WorkspaceRow))
        )


def wish(store: Store, act: Callable[[Session], object]) -> None:
    with store.writing() as session:
        act(session)


def assert_true(world: Here) -> None:
    """Hold that the wished state is the real one, that nothing is left to do, and that nothing is there unasked."""
    found = world.found()
    with world.store.reading() as session:
        rows = session.scalars(select(WorkspaceRow)).all()
    assert {row.name for row in rows} == set(found.there)
    for row in rows:
        state = found.there[row.name].state
        wished = State.RUNNING if row.desired == Desired.RUNNING else State.STOPPED
        assert (row.name, state, row.status) == (row.name, wished, wished.value)
        assert (row.lease_holder, row.attempts, row.reason) == ("", 0, "")
        assert not sweep.needs_work(row, found)


def texts(store: Store, kind: str, workspace: str = "demo") -> list[str]:
    with store.reading() as session:
        query = select(EventRow.text).where(EventRow.kind == kind, EventRow.workspace == workspace)
        return list(session.scalars(query.order_by(EventRow.id)))


Pass = Callable[[int], bool]
ACTS: dict[str, Callable[[Session, str], object]] = {
    "create": lambda session, image: workspaces.create(session, spec("demo", image), BY),
    "stop": lambda session, _: workspaces.stop(session, "demo", BY),
    "start": lambda session, _: workspaces.start(session, "demo", BY),
    "restart": lambda session, _: workspaces.restart(session, "demo", BY),
    "clone": lambda session, _: workspaces.clone(session, "demo", "copy", BY),
    "delete": lambda session, _: workspaces.delete(session, "demo", BY),
    "purge": lambda session, _: workspaces.delete(session, "demo", BY, purge=True),
}
BEFORE: dict[str, list[str]] = {"create": [], "start": ["create", "stop"]}


def spec(name: str, image: str) -> Workspace:
    return Workspace(name=name, image=image, disk=256 * MIB, memory=256 * MIB)


def delete_all(world: Here) -> None:
    def delete(session: Session) -> None:
        for row in session.scalars(select(WorkspaceRow)):
            workspaces.delete(session, row.name, BY, purge=True)

    wish(world.store, delete)


def killed_everywhere(world: Here, act: str, run: Pass) -> int:
    """Kill `act` at each boundary, begun anew each time, and return how many there are."""
    for kill_at in range(1, 100):
        for before in BEFORE.get(act, ["create"]):
            wish(world.store, lambda session, before=before: ACTS[before](session, world.image))  # type: ignore[misc]
            assert run(0)
        wish(world.store, lambda session: ACTS[act](session, world.image))
        survived = run(kill_at)
        assert run(0)
        assert_true(world)
        if survived:
            return kill_at - 1
        delete_all(world)
        assert run(0)
    raise AssertionError("it never ends")


def main(image: str, *acts: str) -> None:
    """On a machine, in the place of its worker: kill each act at every step, and tell how many boundaries each had."""
    world = Here(read.load(), image=image)
    delete_all(world)  # what the deploy declared has the name that is killed here
    assert world.run()
    for act in acts:
        begin = time.monotonic()
        boundaries = killed_everywhere(world, act, world.run)
        delete_all(world)
        assert world.run()
        print(
            json.dumps({"act": act, "boundaries": boundaries, "seconds": round(time.monotonic() - begin)}), flush=True
        )


if __name__ == "__main__":
    from tests.control import world as importable  # what workers are started with has to be found by them

    importable.main(*sys.argv[1:])
