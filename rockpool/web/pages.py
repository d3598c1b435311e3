"""Static pages that speak to the API. They hold no data themselves, so each is a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

Endpoint = Callable[[Request], Awaitable[Response]]

_ASSETS = Path(__file__).with_name("assets")
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[BaseRoute]:
    """Return the routes below `/app`."""
    return [
        Route("/app", _to_workspaces),
        Route("/app/", _to_workspaces),
        Route("/app/workspaces", _page("workspaces.html")),
        # Behind it stands the address that was asked for: /app/open/workspace/NAME/…
        Route("/app/open/{asked:path}", _page("open.html")),
        Mount("/app/assets", StaticFiles(directory=_ASSETS)),
    ]


def _page(file: str) -> Endpoint:
    async def answer(_: Request) -> Response:
        return FileResponse(_ASSETS / file, media_type="text/html; charset=utf-8", headers=_HEADERS)

    return answer


async def _to_workspaces(_: Request) -> Response:
    return RedirectResponse("/app/workspaces", status_code=307)
