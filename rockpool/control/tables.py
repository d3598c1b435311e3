"""The tables. The API writes wishes into them, the worker what it found; neither asks the other.

All times are milliseconds since 1970 in UTC (`rockpool.control.clock`); 0 means never. A column that a later version
adds has a default in the database, so that the version before it still works on the newer schema.

Who writes: `workspaces` by the use cases (the wish) and the worker (all else); `events` by both. `surveys`, `homes`,
`images` and `components` only by the worker, after each survey: rows that the survey no longer names are deleted. The
one wish among them is `homes.purge`, which the API sets and the worker carries out.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import JSON, Boolean, Index, MetaData, Text, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from rockpool.spec import Workspace

_NONE = text("0")
_EMPTY = text("''")


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})
    type_annotation_map = {str: Text, dict[str, Any]: JSON}  # noqa: RUF012  # SQLAlchemy reads it from the class


class WorkspaceRow(Base):
    """A workspace as it is wished for, and how far it has come. A completed delete removes the row.

    `spec` is `Workspace.to_data()`, `env` included, so nothing prints it. `desired` is `running`, `stopped` or
    `absent`. A wish adds 1 to `generation`; `observed_generation` is the one that the worker has last made come true.
    `restart_generation` is the generation at which a restart was asked for: one is due while it is above
    `observed_generation`. `purge` says that a delete takes the home along at once. `made` says that its home existed,
    so that a missing one is a fault. `cgroup` is the container's directory below /sys/fs/cgroup, for its figures.
    `lease_holder` works on it until `lease_until`; after `attempts` failures nobody tries again before `retry_at`.
    """

    __tablename__ = "workspaces"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    spec: Mapped[dict[str, Any]]
    desired: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    observed_generation: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    restart_generation: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    status: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    purge: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    made: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    cgroup: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    created_at: Mapped[int]
    updated_at: Mapped[int]
    last_used_at: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    lease_holder: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    lease_until: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    attempts: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    retry_at: Mapped[int] = mapped_column(default=0, server_default=_NONE)

    @property
    def known(self) -> dict[str, Any]:
        """Its spec as data, without what only a later version knows, which was rolled back since."""
        return {field.name: self.spec[field.name] for field in fields(Workspace) if field.name in self.spec}

    @property
    def wanted(self) -> Workspace:
        """Its spec. Raises InputError when this version does not accept it."""
        return Workspace.parse(self.known)


class EventRow(Base):
    """Something that happened: `kind` is wish, step, state, error or note. `workspace` is a name or empty."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "workspace", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]
    workspace: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    generation: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    kind: Mapped[str]
    text: Mapped[str]
    request_id: Mapped[str] = mapped_column(default="", server_default=_EMPTY)


class SurveyRow(Base):
    """The last survey of a runtime (`podman`, `stub`) as its command printed it, so that the API can plan.

    The worker writes it when it differs from the one that is here.
    """

    __tablename__ = "surveys"

    runtime: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int]
    stdout: Mapped[str]


class HomeRow(Base):
    """A home that was kept when its workspace was deleted. `id` is NAME.TIME as in `home: kept/ID`; sizes are bytes.

    `purge` is the wish that it goes now; the worker removes it and the row.
    """

    __tablename__ = "homes"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str]
    kept_at: Mapped[int]
    purge_at: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    size: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    purge: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class ImageRow(Base):
    """An image that workspaces can be made from: `name` as a spec says it, the size in bytes."""

    __tablename__ = "images"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    size: Mapped[int] = mapped_column(default=0, server_default=_NONE)
    created_at: Mapped[int] = mapped_column(default=0, server_default=_NONE)


class ComponentRow(Base):
    """How a part of the root VM is: `state` is ok, degraded or down; `at` is when the worker last looked."""

    __tablename__ = "components"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    version: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    detail: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    at: Mapped[int]
