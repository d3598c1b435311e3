"""Routes whose answers go on: events, and what a workspace prints."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from rockpool.control import events, workspaces
from rockpool.control.api import tell
from rockpool.control.api.faults import documented
from rockpool.control.api.parts import Parts, With
from rockpool.control.tables import EventRow
from rockpool.errors import NotFound, RockpoolError

router = APIRouter(prefix="/api", tags=["streams"])

HEARTBEAT = 20.0
"""Seconds of silence after which a stream says that it is alive."""

MOST = 100
"""Event streams at once."""

_BATCH = 200
_NUMBER = r"^(|0|[1-9][0-9]{0,17})$"
_log = logging.getLogger("rockpool.api")

LastEventId = Annotated[str, Header(pattern=_NUMBER, description="The last event that the client has seen")]


class AfterQuery(BaseModel):
    """Where to begin, for who cannot send `Last-Event-ID`."""

    model_config = ConfigDict(extra="forbid")

    after: str = Field("", pattern=_NUMBER, description="As Last-Event-ID, which counts more; 0 is the first event")


class Events(StreamingResponse):
    """A stream of server-sent events."""

    media_type = "text/event-stream"


_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/events", response_class=Events, responses={**_STREAM, **documented(429)})
async def all_events(parts: With, query: Annotated[AfterQuery, Query()], last_event_id: LastEventId = "") -> Events:
    """Follow what happens, from now on or after an event."""
    _admit(parts)
    begin = await run_in_threadpool(_begin, parts, "", last_event_id or query.after)
    return Events(_stream(parts, begin))


@router.get("/workspaces/{name}/events", response_class=Events, responses={**_STREAM, **documented(404, 429)})
async def events_of(
    parts: With, name: str, query: Annotated[AfterQuery, Query()], last_event_id: LastEventId = ""
) -> Events:
    """Follow what happens to a workspace, from its newest wish on or after an event."""
    _admit(parts)
    begin = await run_in_threadpool(_begin, parts, name, last_event_id or query.after)
    return Events(_stream(parts, begin, name))


class LogsQuery(BaseModel):
    """How much of it."""

    model_config = ConfigDict(extra="forbid")

    tail: int = Field(200, ge=0, le=10_000, description="Lines from the end")
    follow: bool = Field(False, description="And those to come")


@router.get("/workspaces/{name}/logs", response_class=StreamingResponse, responses={**_TEXT, **documented(404)})
async def logs(parts: With, name: str, query: Annotated[LogsQuery, Query()]) -> StreamingResponse:
    """Show what a workspace has printed."""
    since = await run_in_threadpool(_created, parts, name)
    lines = await parts.logs.open(name, since=since, tail=query.tail, follow=query.follow)
    return StreamingResponse(lines, media_type="text/plain; charset=utf-8", headers={"X-Accel-Buffering": "no"})


def _admit(parts: Parts) -> None:
    if parts.follower.following >= MOST:
        raise HTTPException(429, f"{MOST} event streams are open, which is the most; close some")


def _created(parts: Parts, name: str) -> int:
    with parts.store.reading() as session:
        return workspaces.get(session, name).created_at


def _begin(parts: Parts, name: str, asked: str) -> int:
    """Return the id after which a stream begins."""
    with parts.store.reading() as session:
        newest = events.last(session)
        if name and not events.known(session, name):
            raise NotFound(f"no workspace {name!r}", fix="GET /api/workspaces lists them")
        if asked:
            return min(int(asked), newest)  # a restored database counts from an earlier one
        return events.newest_wish(session, name) - 1 if name else newest


async def _stream(parts: Parts, last: int, name: str = "") -> AsyncIterator[str]:
    try:
        async with parts.follower.follow():
            yield ": hello\n\n"  # the headers are out, so a browser knows that it is connected
            while not parts.follower.ended:
                version = parts.follower.version
                found = await run_in_threadpool(_read, parts, last, name)
                for row in found:
                    last = row.id
                    yield f"id: {row.id}\ndata: {tell.event(row).model_dump_json(by_alias=True)}\n\n"
                if len(found) < _BATCH and not await parts.follower.newer(version, HEARTBEAT):
                    yield ": beat\n\n"
    except RockpoolError as error:  # the client comes again with the last id that it has seen
        _log.warning("a stream has ended: %s", error.what, extra={"workspace": name})


def _read(parts: Parts, last: int, name: str) -> Sequence[EventRow]:
    with parts.store.reading() as session:
        return events.after(session, last, workspace=name, limit=_BATCH)
