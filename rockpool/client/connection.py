"""One connection to the API: over Caddy with a password, or over a Unix socket."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from rockpool.client import faults
from rockpool.errors import DeadlinePassed, Fault, HostNotReady, InputError
from rockpool.secret import Secret

SECONDS = 30.0
"""How long an answer may take."""

SILENCE = 45.0
"""How long a stream may be silent: twice the server's heartbeat and a bit."""

Query = Mapping[str, str | int | bool]


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the API is. With `socket`, a Unix socket's path, `url` only names the host of the request."""

    url: str = "http://rockpool"
    socket: str = ""
    user: str = ""
    password: Secret = field(default=Secret(""))

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `http://HOST:PORT` or `unix:///PATH`. Raises InputError."""
        parts = urlsplit(text)
        if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
            return cls(socket=parts.path)
        if parts.username is not None:  # it would be shown in errors
            fault = Fault(field="ROCKPOOL_URL", message="must hold no user and password")
            raise InputError("the address of the API", [fault])
        if parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/"):
            return cls(url=text.rstrip("/"))
        fault = Fault(field="ROCKPOOL_URL", message=f"must be http://HOST:PORT or unix:///PATH, not {text!r}")
        raise InputError("the address of the API", [fault])

    def __str__(self) -> str:
        return self.socket or self.url


class Lines:
    """The lines of an answer that goes on."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[str]:
        return self._answer.iter_lines()

    def abort(self) -> None:
        """Break the connection off, from another thread: whoever waits for a line gets an end or HostNotReady."""
        network = self._answer.extensions.get("network_stream")
        connected = network.get_extra_info("socket") if network else None
        if connected:
            with suppress(OSError):  # it has ended meanwhile
                connected.shutdown(socket.SHUT_RDWR)


class Connection:
    """Speaks JSON with the API. What it refuses becomes an error of ours; `transport` stands in for a network."""

    def __init__(self, address: Address, transport: httpx.BaseTransport | None = None) -> None:
        self.address = address
        self._http = httpx.Client(
            base_url=f"{address.url}/api",
            auth=(address.user, address.password.reveal()) if address.user else None,
            transport=transport or httpx.HTTPTransport(uds=address.socket or None),
            timeout=SECONDS,
            trust_env=False,  # a proxy of the user's would get the password
        )

    def close(self) -> None:
        """Close it."""
        self._http.close()

    def ask(self, method: str, path: str, *, body: object = None, query: Query | None = None) -> Any:
        """Send a request and return the JSON of its answer, None for an empty one. Raises RockpoolError."""
        with self._told(path):
            answer = self._http.request(method, path, json=body, params=query, headers=_named())
        faults.refuse(answer)
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise faults.strange(answer) from error

    @contextmanager
    def stream(
        self, path: str, *, query: Query | None = None, last: int = 0, silence: float | None = SILENCE
    ) -> Iterator[Lines]:
        """Open an answer that goes on, silent for so many seconds at most; `last` is the last event that was seen."""
        headers = _named() | ({"Last-Event-ID": str(last)} if last else {})
        timeout = httpx.Timeout(SECONDS, read=silence)
        with (
            self._told(path),
            self._http.stream("GET", path, params=query, headers=headers, timeout=timeout) as answer,
        ):
            if answer.is_error:
                answer.read()
            faults.refuse(answer)
            yield Lines(answer)

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise DeadlinePassed(f"the API did not answer /api{path} in time", why=str(error), fix=_LOOK) from error
        except (httpx.TransportError, httpx.StreamError) as error:
            why = str(error) or type(error).__name__
            raise HostNotReady(f"the API does not answer at {self.address}", why=why, fix=_LOOK) from error


_LOOK = "invoke vm.status says whether the root VM runs; make up starts and mends it"


def _named() -> dict[str, str]:
    return {"X-Request-Id": uuid.uuid4().hex}
