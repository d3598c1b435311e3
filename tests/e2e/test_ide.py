"""A person works in the IDE with a browser: one window that all of these tests use, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rockpool.errors import StepFailed
from rockpool.execute.machine.until import until
from tests.bed import vsix
from tests.bed.api import api
from tests.bed.browser import Window, window
from tests.bed.door import await_status, basic
from tests.bed.editor import ATTEMPTS, EXTENSION_MS, Editor
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1800)]

PORT = 5173
HOME = "/var/lib/rockpool-ws/homes/demo"
NOTES = "# A heading of ours\n\nAnd a text.\n"


@pytest.fixture(scope="module")
def opened(browser: Browser, shared_site: Site) -> Iterator[Window]:
    """A window in which the first workspace was opened."""
    guest = shared_site.guest
    guest.run(*guest.workspace, "tee", "notes.md", stdin=NOTES)
    with window(browser, shared_site) as found:
        found.page.goto(f"{shared_site.app}/workspace/demo/")
        found.editor_is_there()
        yield found


@pytest.fixture
def editor(opened: Window) -> Iterator[Editor]:
    """The editor of that window; nothing of ours may be complained about while a test uses it."""
    yield Editor(opened.page)
    assert opened.of_ours() == []


def home(site: Site, file: str) -> str:
    """Return a file of the home as `rockpool workspace exec` reads it."""
    done = site.rockpool("workspace", "exec", "demo", "--", "cat", file)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_url_of_a_workspace_lands_in_the_ide(opened: Window, shared_site: Site) -> None:
    assert re.match(rf"{re.escape(shared_site.ide)}/workspace/demo/", opened.page.url)


def test_its_terminal_writes_a_file(editor: Editor, shared_site: Site) -> None:
    editor.terminal()
    guest, command = shared_site.guest, "echo from-$(hostname) > ~/written\n"
    for _ in range(ATTEMPTS):
        # A shell that has only just begun may lose what is typed; the command may be repeated.
        editor.page.keyboard.type(command, delay=30)
        with suppress(StepFailed):
            guest.sh(_AWAIT, f"{HOME}/written")
            break
    else:
        pytest.fail("the terminal wrote nothing")
    assert guest.run(*guest.workspace, "cat", "written") == "from-demo\n"


_AWAIT = 'for _ in $(seq 20); do [ ! -s "$1" ] || exit 0; sleep 1; done; exit 1'
"""Waits for a file. It looks from outside and seldom: to look inside takes the editor's processor."""


def test_a_file_that_is_edited_and_saved_is_in_the_home(editor: Editor, shared_site: Site) -> None:
    editor.open("notes.md", "A heading of ours")
    wanted = f"{NOTES}Added in the editor.\n"
    editor.write(wanted, "Added in the editor.")
    saved = (shared_site.guest.run("cat", f"{HOME}/notes.md") == wanted for _ in until(60, 1))
    assert any(saved), home(shared_site, "notes.md")
    assert home(shared_site, "notes.md") == wanted


@pytest.mark.proof
def test_a_webview_shows_markdown(editor: Editor) -> None:
    def preview() -> None:
        editor.open("notes.md", "A heading of ours")
        editor.preview("A heading of ours")

    editor.extended(preview)


@pytest.mark.proof
def test_an_extension_is_installed_from_a_file_and_runs(editor: Editor, shared_site: Site, tmp_path: Path) -> None:
    vsix.make(tmp_path / "greeting.vsix")
    sent = shared_site.rockpool("workspace", "cp", str(tmp_path / "greeting.vsix"), "demo:greeting.vsix")
    assert sent.returncode == 0, sent.stderr
    editor.install("greeting.vsix")
    listed = editor.page.locator(".extensions-viewlet .extension-list-item", has_text=vsix.NAME)
    expect(listed).to_be_visible()

    def greet() -> None:
        editor.command(vsix.COMMAND)
        greeting = editor.page.locator(".notification-toast", has_text="Hello from demo")
        expect(greeting).to_be_visible(timeout=EXTENSION_MS)

    editor.extended(greet)


def test_a_preview_talks_by_websocket(browser: Browser, shared_site: Site) -> None:
    added = shared_site.rockpool("workspace", "ports", "demo", "add", str(PORT))
    assert added.returncode == 0, added.stderr
    shared_site.guest.begin("ws_echo.py", str(PORT))
    url = f"{shared_site.preview}/workspace/demo/port/{PORT}/"
    await_status(200, url, basic(shared_site.password), seconds=300)
    with window(browser, shared_site) as preview:
        preview.page.goto(url)
        expect(preview.page.locator("#told")).to_have_text("hello by WebSocket")
        assert preview.of_ours() == []


def test_who_has_it_open_is_seen(opened: Window, shared_site: Site) -> None:
    with api(shared_site) as control:
        assert any(control.told("demo")["lastUsedAt"] for _ in until(300, 1)), "its idle timeout would stop it"


@pytest.mark.proof
def test_a_stopped_workspace_is_started_from_the_page_that_its_url_leads_to(
    browser: Browser, shared_site: Site
) -> None:
    with api(shared_site) as control, window(browser, shared_site) as found:
        control.act("demo", "stop")
        control.wait("demo", "stopped")
        page = found.page
        page.goto(f"{shared_site.app}/workspace/demo/?folder=/home/coder/.config")
        expect(page).to_have_url(f"{shared_site.app}/app/open/workspace/demo/?folder=/home/coder/.config")
        expect(page.get_by_role("heading")).to_have_text("demo is stopped")
        page.get_by_role("button", name="Start it").click()
        expect(page.get_by_role("listitem").last).to_contain_text("demo")
        expect(page).to_have_url(f"{shared_site.ide}/workspace/demo/?folder=/home/coder/.config")
        found.editor_is_there()
        assert found.of_ours() == []
