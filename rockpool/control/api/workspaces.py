"""Routes of workspaces: each asks a use case and says its answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from rockpool.control import workspaces
from rockpool.control.api import tell, wire
from rockpool.control.api.faults import documented
from rockpool.control.api.parts import By, Parts, With
from rockpool.control.api.shapes import PageAnswer, WorkspaceAnswer
from rockpool.control.states import Status
from rockpool.control.tables import WorkspaceRow
from rockpool.errors import InputError

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"])

GONE, HELD = documented(404), documented(404, 409)
BODY = (400, 413, 415)


class PageQuery(BaseModel):
    """Which workspaces: some of all, from a place on."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(25, ge=1, le=100)
    cursor: str = Field("", pattern=r"^(|[1-9][0-9]{0,17})$", description="The nextCursor of the page before")
    q: str = Field("", max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$", description="Part of name, image or repository")
    status: Status | None = None


@router.get("", responses=documented())
def page(parts: With, query: Annotated[PageQuery, Query()]) -> PageAnswer:
    """List workspaces, oldest first."""
    with parts.store.reading() as session:
        rows = workspaces.page(
            session, limit=query.limit + 1, after=int(query.cursor or 0), q=query.q, status=query.status or ""
        )
    more = str(rows[query.limit - 1].id) if len(rows) > query.limit else None
    return PageAnswer(items=[_answer(parts, row) for row in rows[: query.limit]], next_cursor=more)


@router.post("", status_code=202, responses=documented(409, *BODY))
def create(parts: With, by: By, body: wire.Body, response: Response) -> WorkspaceAnswer:
    """Wish for a new workspace that runs."""
    spec = wire.spec(body, parts.settings.runtime)
    with parts.store.writing() as session:
        row = workspaces.create(session, spec, by, rename="name" not in body)
    response.headers["Location"] = f"/api/workspaces/{row.name}"
    return _wished(parts, row)


class ShowQuery(BaseModel):
    """What is shown of it."""

    model_config = ConfigDict(extra="forbid")

    env: bool = Field(False, description="The values of its variables too, which may be secrets")


@router.get("/{name}", responses=GONE)
def get(parts: With, name: str, query: Annotated[ShowQuery, Query()]) -> WorkspaceAnswer:
    """Show a workspace."""
    with parts.store.reading() as session:
        return tell.workspace(workspaces.get(session, name), parts.settings.urls, values=query.env)


@router.put("/{name}", status_code=202, responses={200: {"model": WorkspaceAnswer}, **documented(409, *BODY)})
def put(parts: With, by: By, name: str, body: wire.Body, response: Response) -> WorkspaceAnswer:
    """Wish for a workspace of exactly this spec; what is left out has its default. 200 when it is so already.

    A variable that is null keeps its value, so what was shown without values can be sent back.
    """
    with parts.store.writing() as session:
        spec = wire.spec(body, parts.settings.runtime, name, kept=workspaces.variables(session, name))
        row = workspaces.put(session, spec, by)
    response.status_code = 202 if row.generation > row.observed_generation else 200
    return _wished(parts, row)


class DeleteQuery(BaseModel):
    """What goes with it."""

    model_config = ConfigDict(extra="forbid")

    purge: bool = Field(False, description="Its home too, at once")


@router.delete("/{name}", status_code=202, responses=GONE)
def delete(parts: With, by: By, name: str, query: Annotated[DeleteQuery, Query()]) -> WorkspaceAnswer:
    """Wish it away. Its home is kept for 7 days."""
    with parts.store.writing() as session:
        row = workspaces.delete(session, name, by, purge=query.purge)
    return _wished(parts, row)


@router.post("/{name}/start", status_code=202, responses=HELD)
def start(parts: With, by: By, name: str) -> WorkspaceAnswer:
    """Wish that it runs."""
    with parts.store.writing() as session:
        row = workspaces.start(session, name, by)
    return _wished(parts, row)


@router.post("/{name}/stop", status_code=202, responses=HELD)
def stop(parts: With, by: By, name: str) -> WorkspaceAnswer:
    """Wish that it does not run."""
    with parts.store.writing() as session:
        row = workspaces.stop(session, name, by)
    return _wished(parts, row)


@router.post("/{name}/restart", status_code=202, responses=HELD)
def restart(parts: With, by: By, name: str) -> WorkspaceAnswer:
    """Wish that it is stopped and started."""
    with parts.store.writing() as session:
        row = workspaces.restart(session, name, by)
    return _wished(parts, row)


@router.post("/{name}/clone", status_code=202, responses=documented(404, 409, *BODY))
def clone(parts: With, by: By, name: str, body: wire.PerhapsBody, response: Response) -> WorkspaceAnswer:
    """Wish for a new workspace like this one, with a copy of its home."""
    if faults := wire.only(body, {"name": str}):
        raise InputError("the clone", faults)
    with parts.store.writing() as session:
        row = workspaces.clone(session, name, body.get("name"), by)
    response.headers["Location"] = f"/api/workspaces/{row.name}"
    return _wished(parts, row)


def _wished(parts: Parts, row: WorkspaceRow) -> WorkspaceAnswer:
    parts.hint(row)
    return _answer(parts, row)


def _answer(parts: Parts, row: WorkspaceRow) -> WorkspaceAnswer:
    return tell.workspace(row, parts.settings.urls)
