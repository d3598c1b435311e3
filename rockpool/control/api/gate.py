"""What every request passes: an id, the limit of its body, where it comes from, and the line in the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rockpool.control.api import faults

MOST_BYTES = 64 * 1024
"""The longest body."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_READS = ("GET", "HEAD", "OPTIONS")
_log = logging.getLogger("rockpool.api")

Count = Callable[[str, str, int, float], None]


class Gate:
    """Stands before the application. `origin` is where our own pages come from; `count` gets each request."""

    def __init__(self, app: ASGIApp, *, origin: str, count: Count) -> None:
        self._app, self._origin, self._count = app, origin, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        try:
            if refused := self._refused(scope["method"], headers):
                await faults.answer(refused[0], faults.STATUSES[refused[0]], refused[1])(scope, receive, answer.send)
            else:
                await self._app(scope, _limited(receive), answer.send)
        except Exception:
            _log.exception("the request failed", extra={"request": request_id})
            if answer.status:
                raise  # the connection breaks off, so that nobody takes a part for the whole
            internal = faults.answer(500, "internal", f"something went wrong; the log knows request {request_id}")
            await internal(scope, receive, answer.send)
        finally:
            self._note(scope, headers, answer)

    def _refused(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > MOST_BYTES:
            return 413, f"the body must be {MOST_BYTES} bytes at most"
        if method in _READS:
            return None
        # A preview is the same site as the dashboard, so its pages could send what a browser adds a password to.
        if headers.get("origin", self._origin) != self._origin:
            return 403, "a page of another origin may not write"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return 403, "a page of another origin may not write"
        return None

    def _note(self, scope: Scope, headers: Headers, answer: _Answer) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._count(scope["method"], route, answer.status, answer.seconds)
        extra = {
            "request": answer.request_id,
            "method": scope["method"],
            "path": route,
            "status": answer.status,
            "ms": round(answer.seconds * 1000, 1),
            "workspace": scope.get("path_params", {}).get("name", ""),
            "user": headers.get("x-remote-user", ""),
        }
        _log.info("request", extra=extra)


class _Answer:
    """Sends on, and remembers the status and how long it took until the answer began."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.request_id = request_id
        self.status = 0
        self._send, self._begin, self._answered = send, time.monotonic(), 0.0

    @property
    def seconds(self) -> float:
        return (self._answered or time.monotonic()) - self._begin

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self._answered = message["status"], time.monotonic()
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


def _limited(receive: Receive) -> Receive:
    """Refuse a body that turns out to be too long."""
    length = 0

    async def limited() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        if length > MOST_BYTES:
            raise HTTPException(413, f"the body must be {MOST_BYTES} bytes at most")
        return message

    return limited
