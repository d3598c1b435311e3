"""The application that a browser sees: the API, and the pages that speak to it."""

from __future__ import annotations

from fastapi import FastAPI

from rockpool.control import queue
from rockpool.control.api import app
from rockpool.control.settings import Settings
from rockpool.web import pages


def create(settings: Settings, *, hints: queue.Queue | None = None) -> FastAPI:
    """Return the API with its pages. `hints` is the queue, if it is in this process."""
    application = app.create(settings, hints=hints)
    application.router.routes.extend(pages.routes())
    return application
