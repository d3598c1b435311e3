"""A person at a browser: Chromium, logged in at the door, and what it complains about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.bed.site import Site

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
PATIENCE = 300_000
"""Milliseconds: what an emulated processor runs takes its time."""

NOT_OURS = {
    r"/vsda(_bg)?\.(js|wasm)": "only Microsoft's own build has this part",
    r"open-vsx\.org": "the test's machine has no way to the gallery of extensions",
    r"^%c +ERR": "the editor's own log, which on a slow machine tells of all that took long",
}
"""What may be complained about, and why that is no fault of ours."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A window of a browser. `complaints` are errors of its console and exceptions of its pages."""

    page: Page
    complaints: list[str]

    def of_ours(self) -> list[str]:
        """Return the complaints that have no known reason outside of Rockpool."""
        self.page.evaluate("1")  # lets the browser tell what has happened
        return [text for text in self.complaints if not any(re.search(known, text) for known in NOT_OURS)]

    def editor_is_there(self) -> None:
        """Wait until the editor is drawn."""
        expect(self.page.locator(".monaco-workbench .part.statusbar")).to_be_visible()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Have the browser run for the block."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: install the package chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, site: Site) -> Iterator[Window]:
    """Have a window of its own, with the door's password and without a memory of others."""
    context = browser.new_context(
        http_credentials={"username": "admin", "password": site.password}, viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(PATIENCE)
    page, complaints = context.new_page(), list[str]()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} at {message.location['url']}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Window(page=page, complaints=complaints)
    context.close()
