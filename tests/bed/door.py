"""The door as a client on this host asks it: one request, one answer, no redirect followed."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rockpool.execute.machine.until import until


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `location` is where a redirect leads, else empty."""

    status: int
    location: str
    body: str


def basic(password: str, user: str = "admin") -> dict[str, str]:
    """Return the header that says who asks."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def ask(url: str, headers: Mapping[str, str], *, seconds: float = 120) -> Answer:
    """Ask once, with the target exactly as given: nothing is cleaned up on the way. Raises OSError, HTTPException."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=seconds)
    try:
        connection.putrequest("GET", url.removeprefix(f"{parts.scheme}://{parts.netloc}"), skip_host=True)
        for name, value in {"Host": parts.netloc, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        got = connection.getresponse()
        body = got.read().decode(errors="replace")
        return Answer(status=got.status, location=got.headers.get("Location", ""), body=body)
    finally:
        connection.close()


def await_status(wanted: int, url: str, headers: Mapping[str, str], *, seconds: float) -> None:
    """Ask until the answer has that status. Raises AssertionError with what came last."""
    told = ""
    for left in until(seconds, 1):
        try:
            status = ask(url, headers, seconds=max(left, 1)).status
        except (OSError, http.client.HTTPException) as error:
            told = repr(error)
            continue
        if status == wanted:
            return
        told = str(status)
    raise AssertionError(f"{url} does not answer {wanted} after {seconds:g} s: {told}")
