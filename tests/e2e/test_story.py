"""The story of a workspace as a program lives it: created, watched, used, stopped, woken and deleted, all by HTTP."""

from __future__ import annotations

import pytest

from tests.bed.api import GONE, api
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]

NAVIGATE = {"Sec-Fetch-Mode": "navigate"}


def test_a_workspace_lives_by_http(own_site: Site) -> None:
    ide = f"{own_site.ide}/workspace/story/"
    with api(own_site) as control:
        http = control.http
        control.create("story", ports=[{"port": 5173, "label": "web"}])
        assert control.ask("POST", "workspaces", {"name": "story"}).status_code == 409
        texts = control.texts_until("story", "running")
        assert any("home of story" in text for text in texts), texts
        control.wait("story", "running")
        assert http.get(f"{ide}healthz").status_code == 200

        control.act("story", "stop")
        control.wait("story", "stopped")
        assert http.get(ide).status_code == 503
        asked = http.get(f"{ide}?folder=/x", headers=NAVIGATE)
        page = f"{own_site.app}/app/open/workspace/story/?folder=/x"
        assert (asked.status_code, asked.headers["Location"]) == (303, page)
        assert http.get(page, headers=NAVIGATE).status_code == 200
        assert control.told("story")["status"] == "stopped", "looking at the page starts nothing"

        control.act("story", "start")
        control.wait("story", "running")
        assert http.get(f"{ide}healthz").status_code == 200

        control.delete("story")
        control.wait("story", GONE)
    left = "ls /run/rockpool/routes /var/lib/rockpool-ws/homes /var/lib/rockpool-ws/ports"
    assert "story" not in own_site.guest.sh(left)
