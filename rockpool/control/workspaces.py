"""The use cases: what may be wished for a workspace. Each writes the wish and its event in the session's transaction.

The caller commits and then sends a hint to the queue, which may be lost: the worker finds every row whose generation
is above the observed one. All raise NotFound for an unknown name, Conflict where the state forbids it, and InputError
with every fault.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rockpool import names
from rockpool.control import clock, events, states
from rockpool.control.states import Act, Desired, Status
from rockpool.control.tables import HomeRow, WorkspaceRow
from rockpool.errors import Conflict, Fault, InputError, NotFound
from rockpool.spec import Workspace

MOST = 999
"""Workspaces at most: as many have a numeric user of their own."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, and by which request."""

    user: str = "local"
    request_id: str = ""


def get(session: Session, name: str) -> WorkspaceRow:
    """Return a workspace."""
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == name))
    if row is None:
        raise NotFound(f"no workspace {name!r}", fix="GET /api/workspaces lists them")
    return row


def variables(session: Session, name: str) -> dict[str, str]:
    """Return the variables of a workspace with their values; none when there is no such workspace."""
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == name))
    return dict(row.known.get("env", {})) if row else {}


def page(session: Session, *, limit: int, after: int = 0, q: str = "", status: str = "") -> Sequence[WorkspaceRow]:
    """Return workspaces with an id above `after`, oldest first; `q` is part of a name, image or repository."""
    query = select(WorkspaceRow).where(WorkspaceRow.id > after).order_by(WorkspaceRow.id).limit(limit)
    if q:
        texts = (WorkspaceRow.name, WorkspaceRow.spec["image"].as_string(), WorkspaceRow.spec["repository"].as_string())
        query = query.where(or_(*(text.contains(q, autoescape=True) for text in texts)))
    if status:
        query = query.where(WorkspaceRow.status == status)
    return session.scalars(query).all()


def create(session: Session, spec: Workspace, by: Asker, *, rename: bool = False) -> WorkspaceRow:
    """Wish for a new workspace that runs. `rename` lets it have another suffix when its name is taken."""
    if rename:
        spec = _free(session, spec)
    found = session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == spec.name))
    if found is not None:
        raise Conflict(f"workspace {spec.name!r} exists", why=f"it is {found.status}", fix="choose another name")
    if (session.scalar(select(func.count()).select_from(WorkspaceRow)) or 0) >= MOST:
        raise Conflict(f"there are {MOST} workspaces", why="there may not be more", fix="delete one")
    _check_home(session, spec)
    at = clock.now()
    row = WorkspaceRow(
        name=spec.name,
        spec=spec.to_data(),
        desired=Desired.RUNNING,
        generation=0,
        observed_generation=0,
        status=Status.CREATING,
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    _note(session, row, "create", by)
    return row


def put(session: Session, spec: Workspace, by: Asker) -> WorkspaceRow:
    """Wish for a workspace of this spec; the same wish again changes nothing. One that exists stays on or off."""
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.name == spec.name))
    if row is None:
        return create(session, spec, by)
    home = row.known.get("home", "")
    if spec.home not in ("", home):
        faults = [Fault(field="home", message="says where a new workspace gets its home from, and this one exists")]
        raise InputError(f"workspace {spec.name!r}", faults)
    return _change(session, row, replace(spec, home=home), Act.CHANGE, by)


def start(session: Session, name: str, by: Asker) -> WorkspaceRow:
    """Wish that it runs."""
    row = get(session, name)
    _ask(session, row, Act.START, by)
    row.desired = Desired.RUNNING
    return row


def stop(session: Session, name: str, by: Asker) -> WorkspaceRow:
    """Wish that it is there and does not run."""
    row = get(session, name)
    _ask(session, row, Act.STOP, by)
    row.desired = Desired.STOPPED
    return row


def restart(session: Session, name: str, by: Asker) -> WorkspaceRow:
    """Wish that it is stopped and started once."""
    row = get(session, name)
    _ask(session, row, Act.RESTART, by)
    row.restart_generation = row.generation
    return row


def delete(session: Session, name: str, by: Asker, *, purge: bool = False) -> WorkspaceRow:
    """Wish that it is gone. Its home is kept for some days, unless it is purged. Asking again changes nothing."""
    row = get(session, name)
    if row.desired != Desired.ABSENT or (purge and not row.purge):
        _ask(session, row, Act.DELETE, by)
        row.desired, row.purge = Desired.ABSENT, row.purge or purge
    return row


def clone(session: Session, source: str, name: str | None, by: Asker) -> WorkspaceRow:
    """Wish for a new workspace like `source`, with a copy of its home; without a name it gets one."""
    row = get(session, source)
    states.after(Status(row.status), Act.CLONE)
    spec = row.wanted
    named = names.workspace_like(spec.image, spec.repository, suffix()) if name is None else name
    copy = Workspace.parse({**row.known, "name": named, "home": f"copy/{source}"})
    return create(session, copy, by, rename=name is None)


def add_port(session: Session, name: str, port: int, label: str, by: Asker) -> WorkspaceRow:
    """Wish that a port has a URL; one that has gets the label."""
    row = get(session, name)
    ports = [known for known in row.spec["ports"] if known["port"] != port]
    try:
        spec = Workspace.parse({**row.known, "ports": [*ports, {"port": port, "label": label}]})
    except InputError as error:
        fields = {f"ports[{len(ports)}].label": "label"}
        faults = [replace(fault, field=fields.get(fault.field, "port")) for fault in error.faults]
        raise InputError(f"port {port}", faults) from error
    return _change(session, row, spec, Act.PORTS, by)


def remove_port(session: Session, name: str, port: int, by: Asker) -> WorkspaceRow:
    """Wish that a port has no URL any more."""
    row = get(session, name)
    ports = [known for known in row.spec["ports"] if known["port"] != port]
    if ports == row.spec["ports"]:
        raise NotFound(f"workspace {name!r} has no port {port}", fix=f"GET /api/workspaces/{name} lists its ports")
    return _change(session, row, Workspace.parse({**row.known, "ports": ports}), Act.PORTS, by)


def purge_home(session: Session, home: str, by: Asker) -> HomeRow:
    """Wish that a kept home is removed now."""
    kept = session.get(HomeRow, home)
    if kept is None:
        raise NotFound(f"no kept home {home!r}", fix="GET /api/homes lists them")
    if not kept.purge:
        kept.purge = True
        text = f"purge of the kept home {home} asked for by {by.user}"
        events.add(session, "wish", text, workspace=kept.workspace, request_id=by.request_id)
    return kept


def suffix() -> str:
    """Return five hexadecimal digits by chance."""
    return secrets.token_hex(3)[:5]


def _change(session: Session, row: WorkspaceRow, spec: Workspace, act: Act, by: Asker) -> WorkspaceRow:
    states.after(Status(row.status), act)
    if spec.to_data() != row.known:
        row.spec = spec.to_data()
        _ask(session, row, act, by)
    return row


def _ask(session: Session, row: WorkspaceRow, act: Act, by: Asker) -> None:
    """Write that something is wished for: the worker begins anew, whatever failed before."""
    row.status = states.after(Status(row.status), act)
    _note(session, row, act, by)


def _note(session: Session, row: WorkspaceRow, act: str, by: Asker) -> None:
    row.generation += 1
    row.updated_at, row.attempts, row.retry_at = clock.now(), 0, 0
    if row.status != Status.ERROR:
        row.reason = ""
    text = f"{act} asked for by {by.user}"
    events.add(session, "wish", text, workspace=row.name, generation=row.generation, request_id=by.request_id)


def _free(session: Session, spec: Workspace) -> Workspace:
    """Give it other suffixes until its name is free."""
    while session.scalar(select(WorkspaceRow.id).where(WorkspaceRow.name == spec.name)) is not None:
        spec = replace(spec, name=f"{spec.name.rpartition('-')[0]}-{suffix()}")
    return spec


def _check_home(session: Session, spec: Workspace) -> None:
    kind, _, source = spec.home.partition("/")
    known = {
        "copy": select(WorkspaceRow.id).where(WorkspaceRow.name == source, WorkspaceRow.desired != Desired.ABSENT),
        "kept": select(HomeRow.id).where(HomeRow.id == source, HomeRow.purge.is_(False)),
    }
    if kind in known and session.scalar(known[kind]) is None:
        raise InputError(f"workspace {spec.name!r}", [Fault(field="home", message=f"names no {kind} source {source}")])
