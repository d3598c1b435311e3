"""Creating and deleting workspaces never touches anybody's connection."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from rockpool.execute.machine.until import until
from tests.bed import small
from tests.bed.api import GONE, Api, api
from tests.bed.browser import window
from tests.bed.clients import Counts, clients
from tests.bed.door import await_status, basic
from tests.bed.note import Note
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(7200)]

PORT = 5173
BATCH = 3
CONFIG = "/etc/caddy/caddy.json"
SOCKETS = """
  window.sockets = [];
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      window.sockets.push(this);
      this.addEventListener("close", (event) => this.lost = !this.hungUp && `${event.code} ${this.url}`);
    }
    close(...given) {
      this.hungUp = true;
      super.close(...given);
    }
  };
"""
"""Keeps a page's WebSockets, and which of them the other side has closed. The editor hangs up by itself, too, when
nothing came for 20 s, or when an extension host is slow to start: both happen where a processor is emulated."""


@pytest.fixture
def control(own_site: Site) -> Iterator[Api]:
    with api(own_site) as found:
        yield found


def echoing(control: Api, name: str) -> str:
    """Have a workspace in which a WebSocket server runs, and return its URL without the scheme."""
    if control.told(name)["status"] == GONE:
        control.create(name, ports=[{"port": PORT}])
    elif not control.told(name)["ports"]:
        assert control.ask("POST", f"workspaces/{name}/ports", {"port": PORT}).status_code < 300
    control.wait(name, "running")
    replace(control.site.guest, container=f"ws-{name}").begin("ws_echo.py", str(PORT))
    url = f"{control.site.preview}/workspace/{name}/port/{PORT}/"
    await_status(200, url, basic(control.site.password), seconds=300)
    return url.replace("http://", "ws://")


def change(site: Site, wait: str) -> None:
    """Have Caddy run another configuration, whose connections have no grace when the next one comes."""
    other, guest = "/run/other.json", site.guest
    config = re.sub(r'"stream_close_delay": ?"[^"]*"', '"stream_close_delay": "0s"', guest.run("cat", CONFIG))
    config = re.sub(r'"try_duration": ?"[^"]*"', f'"try_duration": "{wait}"', config)
    guest.run("tee", other, stdin=config)
    guest.run("caddy", "reload", "--config", other, "--address", "unix//run/caddy/admin.sock")


def come_and_go(control: Api, number: int) -> None:
    """Create and delete that many workspaces of a small image, a few at a time."""
    names = [f"small-{index}" for index in range(number)]
    for begin in range(0, number, BATCH):
        batch = names[begin : begin + BATCH]
        for name in batch:
            control.create(name, image=small.NAME, memory="128m", cpus=1)
        for name in batch:
            control.wait(name, "running")
            control.delete(name)
        for name in batch:
            control.wait(name, GONE)


def unharmed(counts: Counts, sockets: int, begun: int) -> None:
    assert (counts.dropped, counts.failed) == ([], [])
    assert counts.open == sockets
    assert counts.echoes - begun >= sockets, "they did say something meanwhile"
    assert counts.answers > 0


def test_a_few_connections_outlive_workspaces_that_come_and_go(control: Api) -> None:
    small.load(control.site.guest)
    url = echoing(control, "demo")
    steady = f"{control.site.ide}/workspace/demo/healthz"
    with clients([url] * 20, steady, basic(control.site.password)) as counts:
        begun = counts.echoes
        come_and_go(control, 3)
        unharmed(counts, 20, begun)


def held(page: Page) -> list[str]:
    """Return which connections the editor has."""
    script = "window.sockets.filter(one => one.readyState === WebSocket.OPEN).map(one => one.url)"
    told: list[str] = page.evaluate(script)
    return told


def lost(page: Page) -> list[str]:
    """Return which of the editor's connections were closed on it until now."""
    told: list[str] = page.evaluate("window.sockets.map(one => one.lost).filter(Boolean)")
    return told


@pytest.mark.proof
def test_two_hundred_connections_outlive_a_hundred_workspaces(
    control: Api, browser: Browser, record_property: Note
) -> None:
    site = control.site
    small.load(site.guest)
    change(site, "6s")
    urls = [echoing(control, "demo"), echoing(control, "other")]
    with window(browser, site) as opened:
        page = opened.page
        page.add_init_script(f"{{ {SOCKETS} }}")
        page.goto(f"{site.app}/workspace/demo/")
        opened.editor_is_there()
        assert any(held(page) for _ in until(300, 1)), "the editor has connections"
        with clients(urls * 100, f"{site.ide}/workspace/demo/healthz", basic(site.password)) as counts:
            begun, begin = counts.echoes, time.monotonic()
            come_and_go(control, 100)
            unharmed(counts, 200, begun)
            assert lost(page) == [], "the editor kept its connections"
            assert any(held(page) for _ in until(300, 1)), "it has some"
            record_property("connections of the editor", held(page))
            record_property("100 workspaces in, seconds", round(time.monotonic() - begin))
            record_property("echoes, answers", (counts.echoes - begun, counts.answers))

            # The control: what it would do if routes were configuration.
            change(site, "7s")
            assert any(len(counts.dropped) > 100 for _ in until(300, 1)), "one change of the configuration drops them"
            assert any(lost(page) for _ in until(300, 1)), "those of the editor as well"
            record_property("dropped by one change of the configuration", len(counts.dropped))
