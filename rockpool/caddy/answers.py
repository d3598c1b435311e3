"""Answers of our own: a page for a person who navigates, JSON for everything else."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass

from rockpool.caddy.paths import TARGET, Matcher

Handler = dict[str, object]
Route = dict[str, object]

NAVIGATION: dict[str, object] = {"header": {"Sec-Fetch-Mode": ["navigate"]}}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of our answers. `code` is for programs, `title` and `message` are for people."""

    status: int
    code: str
    title: str
    message: str
    retry_seconds: int = 0


REFUSED = Answer(
    status=400,
    code="refused_path",
    title="This address is refused",
    message="It holds dot segments, empty segments or characters that could name another place than they seem to.",
)
UNAUTHORIZED = Answer(
    status=401,
    code="unauthorized",
    title="Please log in",
    message="Rockpool needs its user name and password. `invoke host.credentials` on the host prints them.",
)
NOT_FOUND = Answer(status=404, code="not_found", title="Nothing is here", message="No such path.")
CONTROL_ABSENT = Answer(
    status=503,
    code="control_plane_absent",
    title="The control plane is not installed yet",
    message="Workspaces are managed on the host for now: `invoke workspace.list`.",
)
WORKSPACE_DOWN = Answer(
    status=503,
    code="workspace_unavailable",
    title="This workspace is not running",
    message="It is stopped, it has just been restarted, or nothing listens on that port of it.",
    retry_seconds=5,
)
CONTROL_DOWN = Answer(
    status=503,
    code="control_plane_unavailable",
    title="The control plane does not answer",
    message="It is being started or upgraded. Workspaces that run go on running.",
    retry_seconds=5,
)
FAILED = Answer(status=500, code="internal", title="Something went wrong", message="The log of Caddy says more.")

CLOSED_HEADERS = {
    "Cache-Control": ["no-store"],
    "X-Content-Type-Options": ["nosniff"],
    "Referrer-Policy": ["no-referrer"],
}


def handler(answer: Answer) -> Handler:
    """Answer so, as a page or as JSON."""
    page = _static(answer, "text/html; charset=utf-8", _page(answer))
    page["headers"] = {
        **_headers(answer, "text/html; charset=utf-8"),
        "Content-Security-Policy": ["default-src 'none'"],
    }
    data = _static(answer, "application/json", _json(answer))
    return {
        "handler": "subroute",
        "routes": [{"match": [NAVIGATION], "handle": [page], "terminal": True}, {"handle": [data]}],
    }


def workspace_down(app_url: str = "") -> Handler:
    """Answer for a workspace that is not there; a person is sent to the page that can start it, if there is one."""
    answer = handler(WORKSPACE_DOWN)
    if not app_url:
        return answer
    headers = {**CLOSED_HEADERS, "Location": [f"{app_url}/app/open{TARGET}"]}
    page: Handler = {"handler": "static_response", "status_code": 303, "headers": headers}
    match: Matcher = {**NAVIGATION, "method": ["GET"]}
    person: Route = {"match": [match], "handle": [page], "terminal": True}
    return {"handler": "subroute", "routes": [person, {"handle": [answer]}]}


def on_error(down: Handler) -> list[Route]:
    """Answer the errors of Caddy's own handlers: the door, a path without a route, what stands behind and is `down`."""
    return [
        _when("{http.error.status_code} == 401", handler(UNAUTHORIZED)),
        _when("{http.error.status_code} in [502, 503, 504]", down),
        {"handle": [handler(FAILED)]},
    ]


def _when(expression: str, handle: Handler) -> Route:
    return {"match": [{"expression": expression}], "handle": [handle], "terminal": True}


def _static(answer: Answer, content_type: str, body: str) -> Handler:
    # Caddy looks for placeholders in a body: a brace of ours must not begin one.
    return {
        "handler": "static_response",
        "status_code": answer.status,
        "headers": _headers(answer, content_type),
        "body": body.replace("{", "\\{"),
    }


def _headers(answer: Answer, content_type: str) -> dict[str, list[str]]:
    retry = {"Retry-After": [str(answer.retry_seconds)]} if answer.retry_seconds else {}
    return {**CLOSED_HEADERS, **retry, "Content-Type": [content_type]}


def _json(answer: Answer) -> str:
    return json.dumps({"error": {"code": answer.code, "message": f"{answer.title}. {answer.message}"}}) + "\n"


def _page(answer: Answer) -> str:
    title, message = html.escape(answer.title), html.escape(answer.message)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{title} · Rockpool</title><h1>{title}</h1><p>{message}</p></html>\n"
    )
