"""The editor as a person uses it, with keys and by what is to be seen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Late

ATTEMPTS = 30
EXTENSION_MS = 120_000
"""Milliseconds that an extension may take."""


class Editor:
    """A drawn editor in a page. It takes no keys at first, though it is drawn."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.input = page.locator(".quick-input-widget input[type=text]").first
        self.lines = page.locator(".editor-instance .view-lines").first

    def command(self, name: str, row: str = "") -> None:
        """Run a command by the palette. `row` tells it from others that begin with its name."""
        for _ in range(ATTEMPTS):
            with suppress(Late):
                self.page.keyboard.press("Escape")  # an open palette does not learn of commands that come later
                self.page.keyboard.press("F1")
                self.input.wait_for(state="visible", timeout=5_000)
                self.input.fill(f">{name}")
                self.page.locator(".quick-input-list-row", has_text=row or name).first.click(timeout=5_000)
                return
        pytest.fail(f"the palette does not take {name!r}")

    def extended(self, act: Callable[[], None]) -> None:
        """Do what takes an extension. Where their process takes minutes to start, it may be lost: load again."""
        try:
            act()
        except AssertionError:
            self.page.reload()
            expect(self.page.locator(".monaco-workbench .part.statusbar")).to_be_visible()
            act()

    def terminal(self) -> None:
        """Open a terminal and go there."""
        self.command("Terminal: Create New Terminal", "(In Active Workspace)")
        terminal = self.page.locator(".xterm-screen").first
        expect(terminal).to_be_visible()
        terminal.click()

    def open(self, file: str, text: str) -> None:
        """Open a file of the home from the list of files, and wait for its text."""
        self.page.get_by_role("treeitem", name=file).dblclick()
        expect(self.lines).to_contain_text(text)

    def write(self, text: str, last: str) -> None:
        """Write a text over that of the open file, up to its `last` line, and save it.

        What has just been opened may lose the keys to something that opens later, so it is asked for them again.
        """
        for _ in range(ATTEMPTS):
            with suppress(AssertionError):
                self.lines.click()
                expect(self.page.locator(".editor-instance .monaco-editor.focused")).to_be_visible(timeout=5_000)
                self.page.keyboard.press("Control+a")
                self.page.keyboard.type(text, delay=30)
                expect(self.lines).to_contain_text(last, timeout=30_000)
                self.page.keyboard.press("Control+s")
                return
        pytest.fail("the editor takes no keys")

    def preview(self, heading: str) -> None:
        """Show the open Markdown file as it will look, with this heading."""
        self.page.keyboard.press("Control+Shift+V")
        shown = self.page.frame_locator("iframe.webview.ready").first.frame_locator("iframe#active-frame")
        expect(shown.locator("h1")).to_have_text(heading, timeout=EXTENSION_MS)

    def install(self, file: str) -> None:
        """Install an extension from a file of the home, with the panel of extensions open."""
        self.page.get_by_role("tab", name="Extensions", exact=False).first.click()
        expect(self.page.locator(".extensions-viewlet")).to_be_visible()
        self.command("Extensions: Install from VSIX...")
        self.page.locator(".quick-input-list-row", has_text=file).click()
