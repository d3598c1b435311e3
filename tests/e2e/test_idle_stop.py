"""Whoever uses a workspace keeps it; silence stops it. What decides has its cases; this is the real thing, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from websockets.sync.client import connect

from rockpool.execute.machine.until import until
from tests.bed.api import PATIENCE, Api, api
from tests.bed.clients import clients
from tests.bed.door import await_status, basic
from tests.bed.guest import Guest
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(5400)]

PORT = 5173
USED = ("build", "preview", "socket")
LEAST, LONG = "1m", "2h"
"""Idle timeouts: the least that there is, and one that this test does not last for but a day does."""

SPEC = {"memory": "1g", "ports": [{"port": PORT}]}
WORK = "while :; do :; done"


@pytest.fixture
def control(own_site: Site) -> Iterator[Api]:
    with api(own_site) as found:
        yield found


def inside(control: Api, name: str) -> Guest:
    """Return the machine with that workspace's container."""
    return replace(control.site.guest, container=f"ws-{name}")


def serving(control: Api, name: str) -> str:
    """Have a server run in a workspace, and return the URL of its port."""
    inside(control, name).begin("ws_echo.py", str(PORT))
    url = f"{control.site.preview}/workspace/{name}/port/{PORT}/"
    await_status(200, url, basic(control.site.password), seconds=PATIENCE)
    return url


def status(control: Api, *names: str) -> dict[str, str]:
    return {name: control.told(name)["status"] for name in names}


def test_only_silence_stops_a_workspace(control: Api) -> None:
    guest, login = control.site.guest, basic(control.site.password)
    control.act("demo", "stop")
    for name in (*USED, "later"):
        control.create(name, **SPEC, idleTimeout=LONG)
    for name in (*USED, "later"):
        control.wait(name, "running")
    previewed, socket = serving(control, "preview"), serving(control, "socket").replace("http://", "ws://")
    build = inside(control, "build")
    build.run(*build.podman("exec", "--detach", build.container, "sh", "-c", WORK))
    with (
        ExitStack() as used,
        clients([], previewed, login, every=5) as counts,
        connect(socket, additional_headers=login, ping_interval=None, open_timeout=PATIENCE),
    ):
        used.callback(build.run, *build.podman("exec", build.container, "pkill", "-f", WORK))
        for name in USED:
            limited = control.ask("PUT", f"workspaces/{name}", {**SPEC, "idleTimeout": LEAST})
            assert limited.status_code < 300, limited.text
        control.create("silent", **SPEC, idleTimeout=LEAST)
        assert any(control.told("socket")["lastUsedAt"] for _ in until(PATIENCE, 1)), "nobody looks who is there"
        guest.run("date", "--set", "+1 day")

        told = control.texts_until("silent", "stopped")
        assert "stop asked for by its idle timeout" in told
        control.wait("silent", "stopped")
        assert status(control, *USED, "later") == dict.fromkeys((*USED, "later"), "running")
        assert (counts.failed, counts.answers > 0) == ([], True)

    # The control: without their use they end too, and the one with time does not.
    for name in USED:
        control.wait(name, "stopped")
    assert status(control, "later") == {"later": "running"}
