"""How much memory a workspace takes, idle and with a browser, and what serves them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bed.api import api
from tests.bed.browser import window
from tests.bed.editor import Editor
from tests.bed.guest import Guest
from tests.bed.note import Note
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(3600)]

MEMORY = (Path(__file__).parents[1] / "bed/memory.py").read_text()
MIB = 1024**2
MOST = {("rockpool-api", "rockpool-worker", "caddy"): 230, ("elasticmq",): 150}
"""The most MiB that these may take together."""


def memory(guest: Guest) -> dict[str, int]:
    """Return the MiB of each part."""
    told = guest.run(*guest.podman("ps", "--no-trunc", "--format={{.ID}}={{.Names}}")).split()
    found = json.loads(guest.run("python3", "-", *told, stdin=MEMORY))
    return {part: round(size / MIB) for part, size in sorted(found.items())}


def test_memory_is_what_it_may_be(own_site: Site, browser: Browser, record_property: Note) -> None:
    guest, figures = own_site.guest, {}
    figures["one idle"] = memory(guest)
    with api(own_site) as control:
        control.create("second")
        control.wait("second", "running")
    figures["two idle"] = memory(guest)
    with window(browser, own_site) as opened:
        opened.page.goto(f"{own_site.app}/workspace/demo/")
        opened.editor_is_there()
        Editor(opened.page).terminal()
        figures["a browser in one of two"] = memory(guest)
    for when, told in figures.items():
        record_property(f"{when}, MiB", json.dumps(told))
    for parts, most in MOST.items():
        assert sum(figures["one idle"][part] for part in parts) <= most, parts
