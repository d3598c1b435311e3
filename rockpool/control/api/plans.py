"""Routes that say what would be done, and do nothing."""

from __future__ import annotations

from fastapi import APIRouter

from rockpool.control import clock, plans, workspaces
from rockpool.control.api import wire
from rockpool.control.api.faults import documented
from rockpool.control.api.parts import With
from rockpool.control.api.shapes import PlanAnswer, StepAnswer
from rockpool.control.states import Desired
from rockpool.step import Steps

router = APIRouter(prefix="/api", tags=["plans"])


@router.post("/plan", responses=documented(400, 409, 413, 415))
def plan(parts: With, body: wire.Body) -> PlanAnswer:
    """Say what making a workspace of this spec run would do."""
    spec = wire.spec(body, parts.settings.runtime)
    with parts.store.reading() as session:
        return _answer(*plans.ahead(session, spec, Desired.RUNNING, parts.settings))


@router.get("/workspaces/{name}/plan", responses=documented(404, 409))
def plan_of(parts: With, name: str) -> PlanAnswer:
    """Say what is still to be done for a workspace."""
    with parts.store.reading() as session:
        row = workspaces.get(session, name)
        spec, desired = row.wanted, Desired(row.desired)
        return _answer(*plans.ahead(session, spec, desired, parts.settings))


def _answer(steps: Steps, at: int) -> PlanAnswer:
    return PlanAnswer(steps=[StepAnswer(why=step.why) for step in steps], surveyed_at=clock.iso(at))
