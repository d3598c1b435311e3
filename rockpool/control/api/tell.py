"""From rows to answers."""

from __future__ import annotations

from typing import Any

from rockpool.control import clock
from rockpool.control.api.shapes import (
    BackupAnswer,
    ComponentAnswer,
    EventAnswer,
    HomeAnswer,
    ImageAnswer,
    JobAnswer,
    WorkspaceAnswer,
)
from rockpool.control.queue import Dead
from rockpool.control.settings import Urls
from rockpool.control.states import Desired, Status
from rockpool.control.tables import ComponentRow, EventRow, HomeRow, ImageRow, WorkspaceRow
from rockpool.spec import MIB, Workspace, format_size


def workspace(row: WorkspaceRow, urls: Urls, *, values: bool = False) -> WorkspaceAnswer:
    """Return a workspace with its URLs, and the names of its variables: their values may be secrets."""
    base = f"{urls.preview}/workspace/{row.name}/port"
    ports = [{**port, "url": f"{base}/{port['port']}/"} for port in row.known.get("ports", ())]
    spec: dict[str, Any] = {**Workspace(name=row.name).to_data(), **row.known, "ports": ports}
    if not values:
        spec["env"] = dict.fromkeys(spec["env"])
    return WorkspaceAnswer(
        **spec,
        status=Status(row.status),
        reason=row.reason,
        desired=Desired(row.desired),
        url=f"{urls.ide}/workspace/{row.name}/",
        created_at=clock.iso(row.created_at),
        updated_at=clock.iso(row.updated_at),
        last_used_at=_when(row.last_used_at),
        generation=row.generation,
        observed_generation=row.observed_generation,
    )


def event(row: EventRow) -> EventAnswer:
    """Return an event."""
    at = clock.iso(row.at)
    return EventAnswer(
        id=row.id, at=at, workspace=row.workspace, generation=row.generation, kind=row.kind, text=row.text
    )


def job(row: WorkspaceRow, at: int) -> JobAnswer:
    """Return what is to be done for a workspace, as it is at a time."""
    held = row.lease_until > at
    reason = f": {row.reason}" if row.reason else ""
    return JobAnswer(
        id=f"{row.name}.{row.generation}",
        workspace=row.name,
        state="running" if held else "waiting",
        text=f"{row.name} is to be {row.desired} and is {row.status}{reason}",
        at=clock.iso(row.updated_at),
        generation=row.generation,
        holder=row.lease_holder if held else "",
        attempts=row.attempts,
        retry_at=_when(row.retry_at),
    )


def dead(letter: Dead) -> JobAnswer:
    """Return a message that nobody could read."""
    return JobAnswer(
        id=letter.id,
        workspace="",
        state="dead",
        text=letter.body[:1000],
        at=_when(letter.at),
        generation=0,
        holder="",
        attempts=0,
        retry_at=None,
    )


def home(row: HomeRow) -> HomeAnswer:
    """Return a kept home."""
    return HomeAnswer(
        id=row.id,
        workspace=row.workspace,
        kept_at=clock.iso(row.kept_at),
        purge_at=_when(row.purge_at),
        size=_size(row.size),
        purging=row.purge,
    )


def image(row: ImageRow) -> ImageAnswer:
    """Return an image."""
    return ImageAnswer(name=row.name, digest=row.digest, size=_size(row.size), created_at=_when(row.created_at))


def component(row: ComponentRow) -> ComponentAnswer:
    """Return a component."""
    at = clock.iso(row.at)
    return ComponentAnswer(name=row.name, state=row.state, version=row.version, detail=row.detail, at=at)


def backup(name: str, size: int, at: int) -> BackupAnswer:
    """Return a copy of the database."""
    return BackupAnswer(name=name, size=_size(size), at=clock.iso(at))


def _when(at: int) -> str | None:
    return clock.iso(at) if at else None


def _size(size: int) -> str:
    """Return bytes as a size's text, rounded up to a MiB; empty when they are not known."""
    return format_size(-(-size // MIB) * MIB) if size else ""
