"""A person opens the IDE in a browser, and its terminal writes a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as Late

from rockpool.errors import StepFailed
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ATTEMPTS = 10
PATIENCE = 300_000  # milliseconds: the editor's start is bound by the emulated processor


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: install the package chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, shared_site: Site) -> Iterator[Page]:
    credentials = {"username": "admin", "password": shared_site.password}
    context = browser.new_context(http_credentials=credentials, viewport={"width": 1280, "height": 800})  # type: ignore[arg-type]  # a TypedDict
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_the_url_of_a_workspace_lands_in_the_ide_and_its_terminal_writes_a_file(page: Page, shared_site: Site) -> None:
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status in (401, 403, 502, 503) else None)
    page.goto(f"{shared_site.app}/workspace/demo/", timeout=PATIENCE)
    assert re.match(rf"{re.escape(shared_site.ide)}/workspace/demo/", page.url)
    expect(page.locator(".monaco-workbench .part.statusbar")).to_be_visible(timeout=PATIENCE)

    open_terminal(page)
    guest = shared_site.guest
    written = "for _ in $(seq 100); do [ -s ~/written ] && break; sleep 0.2; done; cat ~/written"
    for _ in range(ATTEMPTS):
        # A shell that has only just begun may lose what is typed; the command may be repeated.
        page.keyboard.type("echo from-$(hostname) > ~/written\n", delay=30)
        with suppress(StepFailed):
            assert guest.run(*guest.workspace, "sh", "-c", written, seconds=120) == "from-demo\n"
            break
    else:
        pytest.fail("the terminal wrote nothing")
    assert refused == []


def open_terminal(page: Page) -> None:
    """Open a terminal by the command palette. The editor takes no keys at first, though it is drawn."""
    palette = page.locator(".quick-input-widget input[type=text]").first
    for _ in range(ATTEMPTS):
        page.keyboard.press("F1")
        with suppress(Late):
            palette.wait_for(state="visible", timeout=15_000)
            break
    palette.fill(">Terminal: Create New Terminal")
    page.locator(".quick-input-list-row", has_text="(In Active Workspace)").click()
    terminal = page.locator(".xterm-screen").first
    expect(terminal).to_be_visible(timeout=PATIENCE)
    terminal.click()
