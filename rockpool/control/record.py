"""What the worker writes down for the API to show: kept homes, images, how the parts of the root VM are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from rockpool.control import clock
from rockpool.control.store import Store
from rockpool.control.tables import ComponentRow, HomeRow, ImageRow, SurveyRow

_ROUNDED = 1000
"""Milliseconds by which a home may seem older than it is, where only seconds are known."""

KEPT_MS = 7 * 86_400_000
"""How long a home is kept after its workspace was deleted."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that workspaces can be made from; size in bytes, time in milliseconds since 1970."""

    name: str
    digest: str
    size: int
    created_at: int


def component(store: Store, name: str, state: str, *, version: str = "", detail: str = "") -> None:
    """Write how a part is: ok, degraded or down."""
    with store.writing() as session:
        session.merge(ComponentRow(name=name, state=state, version=version, detail=detail[:2000], at=clock.now()))


def survey(store: Store, runtime: str, stdout: str) -> None:
    """Keep what a survey printed, so that the API can plan."""
    with store.writing() as session:
        session.merge(SurveyRow(runtime=runtime, at=clock.now(), stdout=stdout))


def homes(store: Store, kept: Sequence[str], seen_at: int) -> None:
    """Write which homes were kept when somebody looked, in milliseconds since 1970; later ones stay written."""
    with store.writing() as session:
        known = set(session.scalars(select(HomeRow.id)))
        if known - {*kept}:
            older = HomeRow.kept_at < seen_at - _ROUNDED
            session.execute(delete(HomeRow).where(HomeRow.id.not_in(kept), older))
        for home in {*kept} - known:
            name, _, time_ns = home.rpartition(".")
            at = int(time_ns) // 1_000_000
            session.add(HomeRow(id=home, workspace=name, kept_at=at, purge_at=at + KEPT_MS))


def unwanted_homes(store: Store) -> Sequence[str]:
    """Return the kept homes that are wished away."""
    with store.reading() as session:
        return session.scalars(select(HomeRow.id).where(HomeRow.purge)).all()


def home_is_gone(store: Store, home: str) -> None:
    """Forget a home that was kept."""
    with store.writing() as session:
        session.execute(delete(HomeRow).where(HomeRow.id == home))


def images(store: Store, found: Sequence[Image]) -> None:
    """Write which images there are."""
    with store.writing() as session:
        session.execute(delete(ImageRow).where(ImageRow.name.not_in([image.name for image in found])))
        for image in found:
            session.merge(ImageRow(name=image.name, digest=image.digest, size=image.size, created_at=image.created_at))
