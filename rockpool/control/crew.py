"""The worker's threads: rows that need work are taken, in what order they were wished, as far as there are slots."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from rockpool.control import clock, record
from rockpool.control.bring import Bring, told
from rockpool.control.lease import Held, Leases
from rockpool.control.queue import Queue
from rockpool.control.sweep import Sweep
from rockpool.errors import RockpoolError

END_WITHIN = 9.0
"""Seconds in which it ends when it is asked to: systemd waits longer."""

OTHERS = 3
"""Rows that are worked on at once beside those that are started."""

_AGAIN = 2.0
"""Seconds until something that does not answer is asked again; each time twice as long, up to the sweep's."""

_log = logging.getLogger(__name__)


class Crew:
    """Threads around one database. Two workers at once are safe: a row's lease has one holder."""

    def __init__(self, *, leases: Leases, bring: Bring, sweep: Sweep, queue: Queue, slots: int, every: float) -> None:
        self._leases, self._bring, self._sweep, self._queue = leases, bring, sweep, queue
        self._slots, self._every = slots, every
        self.others: tuple[Callable[[], None], ...] = ()
        self._warned: dict[str, str] = {}
        self._noticed: dict[str, str] = {}
        self._suspects: set[str] = set()
        self._busy = 0
        self._lock = threading.Lock()
        self._wake, self._stopping, self._idle = threading.Event(), threading.Event(), threading.Condition(self._lock)

    def stop(self) -> None:
        """Ask it to end at the next step."""
        self._stopping.set()
        self._wake.set()

    @property
    def is_stopping(self) -> bool:
        """Say whether it was asked to end."""
        return self._stopping.is_set()

    def wait(self, seconds: float) -> None:
        """Pause a thread beside the rows, unless it ends meanwhile."""
        self._stopping.wait(seconds)

    def suspect(self, *names: str) -> None:
        """Have rows looked at, whatever stands in them."""
        with self._lock:
            self._suspects.update(names)
        self._wake.set()

    def run(self) -> None:
        """Work until `stop`. `others` are called again and again beside it."""
        self._attempt(self._leases.inherit)
        for act in (self._hear, self._renew, self._look_around, *self.others):
            threading.Thread(target=self._forever, args=(act,), name=act.__name__, daemon=True).start()
        while not self._stopping.is_set():
            self._wake.clear()
            self._attempt(self.fill)
            self._wake.wait(self._pause())
        with self._idle:
            if not self._idle.wait_for(lambda: not self._busy, END_WITHIN):
                _log.warning("steps that did not end are left to whoever comes next")

    def fill(self) -> None:
        """Begin work on as many rows as there are slots for."""
        while self._take_slot():
            held = None
            try:
                held = self._claim()
            finally:
                if held is None:
                    self._free_slot()
            if held is None:
                return
            threading.Thread(target=self._work, args=(held,), name=held.name, daemon=True).start()

    def _claim(self) -> Held | None:
        with self._lock:
            suspects = set(self._suspects)
        held = self._leases.claim(suspects)
        with self._lock:
            self._suspects -= {held.name} if held else suspects
        return held

    def _work(self, held: Held) -> None:
        try:
            self._bring(held)
        except Exception:  # only the database can fail here: the lease runs out, and the sweep finds the row
            _log.exception("work on a row was lost", extra={"workspace": held.name})
        finally:
            self._free_slot()
            self._wake.set()

    def _hear(self) -> None:
        """Take hints. Each only says that there is something to do, so it is deleted once rows were taken."""
        try:
            messages = self._queue.receive(20)
        except RockpoolError as error:
            self._notice("queue", "down", error.what)
            raise
        self._notice("queue", "ok", "")
        for received in messages:
            if received.hint is None:
                self._queue.bury(received)
                _log.warning("a message that is no hint is in the dead letters")
                continue
            self.fill()
            self._queue.delete(received)

    def _notice(self, component: str, state: str, detail: str) -> None:
        """Write how a part is, when that has changed."""
        if self._noticed.get(component) != state:
            record.component(self._sweep.store, component, state, detail=detail)
            self._noticed[component] = state

    def _renew(self) -> None:
        self._stopping.wait(self._leases.seconds / 3)
        self._leases.renew()

    def _look_around(self) -> None:
        self._leases.inherit()
        self.suspect(*self._sweep())
        self._stopping.wait(self._every)

    def _forever(self, act: Callable[[], None]) -> None:
        pause = _AGAIN
        while not self._stopping.is_set():
            if self._attempt(act):
                pause = _AGAIN
            else:
                self._stopping.wait(pause)
                pause = min(2 * pause, self._every)

    def _attempt(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except RockpoolError as error:
            self._warn(act.__name__, told(error))
            return False
        except Exception:  # one fault must not end a worker on which everything else depends
            _log.exception("%s has failed", act.__name__)
            return False
        self._warned.pop(act.__name__, None)
        return True

    def _warn(self, act: str, text: str) -> None:
        """Log what has failed, once until it succeeds or fails in another way."""
        if self._warned.get(act) != text:
            _log.warning("%s", text)
            self._warned[act] = text

    def _pause(self) -> float:
        """Return the seconds until a row that has failed is due, the sweep's at most."""
        try:
            at = self._leases.next_retry()
        except RockpoolError:
            at = 0
        return min(self._every, max(0.05, (at - clock.now()) / 1000)) if at else self._every

    def _take_slot(self) -> bool:
        with self._lock:
            free = self._busy < self._slots and not self._stopping.is_set()
            self._busy += free
        return free

    def _free_slot(self) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()
