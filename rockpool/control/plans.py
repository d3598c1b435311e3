"""What would be done for a workspace, from the last survey that a worker has kept in the database."""

from __future__ import annotations

from sqlalchemy.orm import Session

from rockpool import plan
from rockpool.control import runtimes
from rockpool.control.settings import Settings
from rockpool.control.states import Desired
from rockpool.control.tables import SurveyRow
from rockpool.errors import HostNotReady
from rockpool.spec import Workspace
from rockpool.step import Steps

_PLANS = {Desired.RUNNING: plan.present, Desired.STOPPED: plan.stopped, Desired.ABSENT: plan.absent}


def ahead(session: Session, spec: Workspace, desired: Desired, settings: Settings) -> tuple[Steps, int]:
    """Return the steps to what is desired, and when the machine was surveyed.

    Raises HostNotReady before the first survey, and what the plan refuses.
    """
    survey = session.get(SurveyRow, settings.runtime)
    if survey is None:
        raise HostNotReady("the machine was not looked at yet", why="no worker has run", fix="try again in a minute")
    runtime, there = runtimes.surveyed(settings, survey.stdout)
    return _PLANS[desired](spec, there.get(spec.name), runtime), survey.at
