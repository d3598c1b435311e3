"""The sweep: finds rows that disagree with what is there, and writes down what is there beside them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import select

from rockpool.control import adopt, clock, reconcile, record
from rockpool.control.bring import PLANS, Hand, row_of
from rockpool.control.look import Found, Look
from rockpool.control.reconcile import Go, Later
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.errors import RockpoolError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One look at everything."""

    store: Store
    look: Look
    hand: Hand

    def __call__(self) -> set[str]:
        """Return the workspaces that need work. Raises what the survey and the database raise."""
        try:
            found = self.look()
        except RockpoolError as error:
            record.component(self.store, "runtime", "down", detail=error.what)
            raise
        record.component(self.store, "runtime", "ok")
        adopt.strangers(self.store, found)
        record.homes(self.store, found)
        self._purge(found)
        with self.store.reading() as session:
            rows = session.scalars(select(WorkspaceRow).where(WorkspaceRow.lease_until <= clock.now())).all()
        return {row.name for row in rows if needs_work(row, found)}

    def _purge(self, found: Found) -> None:
        """Remove kept homes that are wished away. Killed in between, the next sweep does it."""
        for home in record.unwanted_homes(self.store, found):
            steps = found.runtime.purge(home)  # type: ignore[attr-defined]  # only who keeps homes names any
            self.hand.carry_out(steps, lambda step, text: _log.info("%s: %s", step.why, text), stop=lambda: False)
            record.home_is_gone(self.store, home)


def needs_work(row: WorkspaceRow, found: Found) -> bool:
    """Say whether there is anything to do for a row. One that cannot be planned for is told so by who works on it."""
    try:
        wish = row_of(row)
        current = found.there.get(row.name)
        decision = reconcile.decide(wish, current, clock.now())
        if isinstance(decision, Later):
            return False
        if not isinstance(decision, Go) or len(decision.wishes) > 1:
            return True
        steps = PLANS[decision.wishes[-1]](wish.spec, reconcile.proven(wish, current), found.runtime)
    except RockpoolError:
        return True
    return bool(steps) or wish.status is not decision.end or wish.observed_generation < wish.generation
