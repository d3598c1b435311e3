"""Routes of what is on the machine besides workspaces, as the worker last found it."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Response
from sqlalchemy import func, select

from rockpool.control import backup as copies
from rockpool.control import clock, workspaces
from rockpool.control.api import tell
from rockpool.control.api.faults import documented
from rockpool.control.api.parts import By, Parts, With
from rockpool.control.api.shapes import (
    BackupAnswer,
    BackupsAnswer,
    ComponentAnswer,
    HomeAnswer,
    HomesAnswer,
    ImagesAnswer,
    JobsAnswer,
    RedrivenAnswer,
    StatsAnswer,
    StatusAnswer,
)
from rockpool.control.tables import ComponentRow, HomeRow, ImageRow, WorkspaceRow
from rockpool.errors import Conflict

router = APIRouter(prefix="/api", tags=["machine"])

_MISSED_SWEEPS = 3
_KEPT_BACKUPS = 14
_BY_STATUS = select(WorkspaceRow.status, func.count().label("number")).group_by(WorkspaceRow.status)


@router.get("/workspaces/{name}/stats", responses=documented(404, 409))
def stats(parts: With, name: str) -> StatsAnswer:
    """Show what a running workspace uses."""
    with parts.store.reading() as session:
        row = workspaces.get(session, name)
    usage = parts.figures.read(row.cgroup)
    if usage is None:
        raise Conflict(f"workspace {name!r} uses nothing", why=f"it is {row.status}", fix="ask when it is running")
    return StatsAnswer(
        at=clock.iso(clock.now()),
        cpu_seconds=usage.cpu_seconds,
        memory_bytes=usage.memory,
        memory_limit_bytes=usage.memory_limit,
        pids=usage.pids,
        pids_limit=usage.pids_limit,
    )


@router.get("/images", responses=documented())
def images(parts: With) -> ImagesAnswer:
    """List the images that a workspace can be made from."""
    with parts.store.reading() as session:
        rows = session.scalars(select(ImageRow).order_by(ImageRow.name)).all()
    return ImagesAnswer(items=[tell.image(row) for row in rows])


@router.get("/homes", responses=documented())
def homes(parts: With) -> HomesAnswer:
    """List the homes that were kept, the newest first."""
    with parts.store.reading() as session:
        rows = session.scalars(select(HomeRow).order_by(HomeRow.kept_at.desc(), HomeRow.id)).all()
    return HomesAnswer(items=[tell.home(row) for row in rows])


@router.delete("/homes/{home}", status_code=202, responses=documented(404))
def purge(parts: With, by: By, home: str) -> HomeAnswer:
    """Wish a kept home away, with all that is in it."""
    with parts.store.writing() as session:
        return tell.home(workspaces.purge_home(session, home, by))


@router.get("/jobs", responses=documented())
def jobs(parts: With) -> JobsAnswer:
    """List what is being done, what waits, and the messages that nobody could read."""
    at = clock.now()
    with parts.store.reading() as session:
        lags = WorkspaceRow.generation > WorkspaceRow.observed_generation
        held = WorkspaceRow.lease_until > at
        rows = session.scalars(select(WorkspaceRow).where(lags | held).order_by(WorkspaceRow.id)).all()
    letters = parts.queue.dead()
    return JobsAnswer(items=[*(tell.job(row, at) for row in rows), *(tell.dead(letter) for letter in letters)])


@router.post("/jobs/redrive", responses=documented())
def redrive(parts: With) -> RedrivenAnswer:
    """Give the dead letters back to the queue."""
    return RedrivenAnswer(count=parts.queue.redrive())


@router.get("/status", responses=documented())
def status(parts: With) -> StatusAnswer:
    """Show each part of the root VM, and how many workspaces are in which state."""
    with parts.store.reading() as session:
        rows = session.scalars(select(ComponentRow).order_by(ComponentRow.name)).all()
        counted = session.execute(_BY_STATUS).all()
    running = version("rockpool")
    api = ComponentAnswer(name="api", state="ok", version=running, detail="", at=clock.iso(clock.now()))
    return StatusAnswer(
        version=running,
        components=[api, *(_seen(row, parts) for row in rows)],
        workspaces={row.status: row.number for row in counted},
    )


@router.get("/backup", responses=documented())
def backups(parts: With) -> BackupsAnswer:
    """List the copies of the database, the newest first."""
    found = [(path, path.stat()) for path in (parts.settings.state / copies.BACKUPS).glob("*.db")]
    newest = sorted(found, key=lambda pair: pair[1].st_mtime_ns, reverse=True)
    return BackupsAnswer(items=[tell.backup(p.name, told.st_size, told.st_mtime_ns // 10**6) for p, told in newest])


@router.post("/backup", status_code=201, responses=documented())
def back_up(parts: With, response: Response) -> BackupAnswer:
    """Copy the database. The newest 14 that were asked for are kept."""
    at = clock.now()
    directory = parts.settings.state / copies.BACKUPS
    made = copies.backup(parts.store.path, directory / f"asked-{at}.db")
    copies.keep(directory, "asked-*.db", _KEPT_BACKUPS)
    response.headers["Location"] = "/api/backup"
    return tell.backup(made.name, made.stat().st_size, at)


def _seen(row: ComponentRow, parts: Parts) -> ComponentAnswer:
    """Return a component; the worker, if it has been silent, is down whatever it said."""
    told = tell.component(row)
    if row.name != "worker" or clock.now() - row.at <= _MISSED_SWEEPS * parts.settings.sweep * 1000:
        return told
    return told.model_copy(update={"state": "down", "detail": f"not heard of since {told.at}"})
