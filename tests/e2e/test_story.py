"""The story of a workspace as a program lives it: created, watched, used, stopped, woken and deleted, all by HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from rockpool.execute.machine.until import until
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]

PATIENCE = 600
NAVIGATE = {"Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def http(own_site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(auth=("admin", own_site.password), timeout=60) as client:
        yield client


def status(http: httpx.Client, site: Site, name: str) -> str:
    answer = http.get(f"{site.app}/api/workspaces/{name}")
    return "gone" if answer.status_code == 404 else answer.json()["status"]


def await_status(http: httpx.Client, site: Site, name: str, wanted: str) -> None:
    told = ""
    for _ in until(PATIENCE, 0.5):
        told = status(http, site, name)
        if told == wanted:
            return
    events = http.get(f"{site.app}/api/workspaces/{name}").text
    pytest.fail(f"{name} is {told} and not {wanted} after {PATIENCE} s: {events}")


def texts_until(http: httpx.Client, site: Site, name: str, wanted: str) -> list[str]:
    """Follow the events of a workspace until one says that it is in the wanted state."""
    texts: list[str] = []
    with http.stream("GET", f"{site.app}/api/workspaces/{name}/events", timeout=PATIENCE) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                event = json.loads(line.removeprefix("data:"))
                texts.append(event["text"])
                if event["kind"] == "state" and wanted in event["text"]:
                    return texts
    pytest.fail(f"the events end before {wanted}: {texts}")


def test_a_workspace_lives_by_http(own_site: Site, http: httpx.Client) -> None:
    site = own_site
    api = f"{site.app}/api/workspaces"

    made = http.post(api, json={"name": "story", "ports": [{"port": 5173, "label": "web"}]})
    assert made.status_code == 202, made.text
    assert http.post(api, json={"name": "story"}).status_code == 409
    texts = texts_until(http, site, "story", "running")
    assert any("home of story" in text for text in texts), texts
    assert http.get(f"{site.ide}/workspace/story/healthz").status_code == 200

    assert http.post(f"{api}/story/stop").status_code == 202
    await_status(http, site, "story", "stopped")
    assert http.get(f"{site.ide}/workspace/story/").status_code == 503
    asked = http.get(f"{site.ide}/workspace/story/?folder=/x", headers=NAVIGATE)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{site.app}/app/open/workspace/story/?folder=/x")
    page = http.get(asked.headers["Location"], headers=NAVIGATE)
    assert page.status_code == 200
    assert status(http, site, "story") == "stopped", "looking at the page must not start it"

    assert http.post(f"{api}/story/start").status_code == 202
    await_status(http, site, "story", "running")
    assert http.get(f"{site.ide}/workspace/story/healthz").status_code == 200

    assert http.delete(f"{api}/story").status_code in (202, 204)
    await_status(http, site, "story", "gone")
    guest = site.guest
    assert "story" not in guest.sh("ls /run/rockpool/routes /var/lib/rockpool-ws/homes /var/lib/rockpool-ws/ports")
