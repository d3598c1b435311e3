"""The sweep: finds rows that disagree with what is there, and writes down what is there beside them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from sqlalchemy import select

from rockpool.control import adopt, clock, reconcile, record
from rockpool.control.bring import PLANS, row_of
from rockpool.control.look import Found, Look
from rockpool.control.reconcile import Go, Later
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.errors import RockpoolError


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One look at everything."""

    store: Store
    look: Look
    runtime: str

    def __call__(self) -> set[str]:
        """Return the workspaces that need work. Raises what the survey and the database raise."""
        record.component(self.store, "worker", "ok", version=version("rockpool"))
        try:
            found = self.look()
        except RockpoolError as error:
            record.component(self.store, self.runtime, "down", detail=error.what)
            raise
        record.component(self.store, self.runtime, "ok")
        adopt.strangers(self.store, found)
        record.homes(self.store, found.runtime.kept, found.at)
        with self.store.reading() as session:
            rows = session.scalars(select(WorkspaceRow).where(WorkspaceRow.lease_until <= clock.now())).all()
        return {row.name for row in rows if needs_work(row, found)}


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
