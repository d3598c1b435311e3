"""The application: every route, behind the gate, with one form of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import text
from starlette.responses import PlainTextResponse

from rockpool.control import queue
from rockpool.control.api import faults, machine, metrics, openapi, plans, ports, streams, workspaces
from rockpool.control.api.gate import Gate
from rockpool.control.api.metrics import Meter
from rockpool.control.api.parts import Parts, With
from rockpool.control.figures import Cgroups, NoFigures
from rockpool.control.follow import Follower
from rockpool.control.journal import Journal, NoLogs
from rockpool.control.settings import Settings
from rockpool.control.store import Store

_THREADS = 16
"""Requests that are worked on at once; more of them wait."""


def create(settings: Settings, *, hints: queue.Queue | None = None) -> FastAPI:
    """Return the application. Its database has to be migrated. `hints` is the queue, if it is in this process."""
    store = Store(settings.state)
    alone = settings.runtime == "stub"
    parts = Parts(
        settings=settings,
        store=store,
        queue=hints or queue.connect(settings.queue),
        logs=NoLogs() if alone else Journal(),
        figures=NoFigures() if alone else Cgroups(),
        follower=Follower(store.path),
    )
    return assemble(parts)


def assemble(parts: Parts) -> FastAPI:
    """Return the application over these parts."""
    app = FastAPI(
        title="Rockpool",
        version=version("rockpool"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.parts, app.state.meter = parts, Meter(parts)
    app.add_middleware(Gate, origin=parts.settings.urls.app, count=app.state.meter.count)
    faults.install(app)
    for module in (workspaces, ports, plans, streams, machine, metrics):
        app.include_router(module.router)
    app.add_api_route("/healthz", _healthz, include_in_schema=False, response_class=PlainTextResponse)
    openapi.install(app)
    return app


def _healthz(parts: With) -> str:
    """Answer, if the database does."""
    with parts.store.reading() as session:
        session.execute(text("SELECT count(*) FROM alembic_version"))
    return "ok\n"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield
    app.state.parts.store.close()
