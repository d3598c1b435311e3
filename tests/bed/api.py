"""The control plane as a program uses it: wishes by HTTP, and waiting until they have come true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rockpool.execute.machine.until import until
from tests.bed.site import Site

PATIENCE = 900
"""Seconds until a wish has come true: an emulated and busy machine takes minutes."""

GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Api:
    """The API of a site's control plane, by the door's password."""

    site: Site
    http: httpx.Client

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask for `/api/PATH`, with a body of JSON if one is given."""
        url = f"{self.site.app}/api/{path}"
        return self.http.request(method, url) if body is None else self.http.request(method, url, json=body)

    def create(self, name: str, **fields: Any) -> None:
        """Wish for a workspace, which has to be accepted."""
        answer = self.ask("POST", "workspaces", {"name": name, **fields})
        assert answer.status_code == 202, answer.text

    def act(self, name: str, verb: str) -> None:
        """Wish that it starts, stops or restarts."""
        answer = self.ask("POST", f"workspaces/{name}/{verb}")
        assert answer.status_code == 202, answer.text

    def delete(self, name: str) -> None:
        """Wish that it is gone."""
        answer = self.ask("DELETE", f"workspaces/{name}")
        assert answer.status_code in (202, 204), answer.text

    def told(self, name: str) -> dict[str, Any]:
        """Return what is told of a workspace; its status is `gone` when there is none."""
        answer = self.ask("GET", f"workspaces/{name}")
        return {"status": GONE} if answer.status_code == 404 else dict(answer.json())

    def wait(self, name: str, wanted: str, seconds: float = PATIENCE) -> None:
        """Wait until it is in a state, with nothing left to do. An error may come before that."""
        told: dict[str, Any] = {}
        for _ in until(seconds, 1):
            told = self.told(name)
            done = told.get("generation") == told.get("observedGeneration")
            if told["status"] == wanted and (done or wanted == "error"):
                return
            if told["status"] == "error" != wanted:
                break
        pytest.fail(f"{name} is {told.get('status')} and not {wanted}: {told.get('reason')}")

    def texts_until(self, name: str, wanted: str) -> list[str]:
        """Follow its events until one says that it is in the wanted state; return what they said."""
        texts: list[str] = []
        url = f"{self.site.app}/api/workspaces/{name}/events"
        with self.http.stream("GET", url, timeout=PATIENCE) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    texts.append(event["text"])
                    if event["kind"] == "state" and wanted in event["text"]:
                        return texts
        pytest.fail(f"the events end before {wanted}: {texts}")


@contextmanager
def api(site: Site) -> Iterator[Api]:
    """Use the API of a site for the block. No connection is kept: tests kill what is at its other end."""
    with httpx.Client(
        auth=("admin", site.password), timeout=120, limits=httpx.Limits(max_keepalive_connections=0)
    ) as http:
        yield Api(site=site, http=http)
