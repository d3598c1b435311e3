"""Pages: static, closed to other origins, and what they ask for is there."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from rockpool.web import pages

ASSETS = Path(pages.__file__).with_name("assets")


Get = Callable[[str], httpx.Response]


@pytest.fixture
def get() -> Get:
    transport = httpx.ASGITransport(app=Starlette(routes=pages.routes()))

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as http:
            return await http.get(path)

    return lambda path: asyncio.run(ask(path))


@pytest.mark.parametrize(
    "path", ["/app/workspaces", "/app/open/workspace/demo/?folder=/x", "/app/open/workspace/demo/port/5173/a%2fb"]
)
def test_a_page_runs_nothing_but_our_own_scripts(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", answer.text), "the policy would refuse it"


@pytest.mark.parametrize("file", sorted(path.name for path in ASSETS.glob("*.*")))
def test_what_a_page_or_script_names_is_there(get: Get, file: str) -> None:
    text = (ASSETS / file).read_text()
    named = re.findall(r'(?:href|src)="(/app/assets/[^"]+)"', text)
    named += [f"/app/assets/{found}" for found in re.findall(r'from "\./([^"]+)"', text)]
    assert [path for path in named if get(path).status_code != 200] == []


@pytest.mark.parametrize("path", ["/app", "/app/"])
def test_the_dashboard_begins_with_workspaces(get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/app/workspaces")


def test_an_unknown_page_is_not_found(get: Get) -> None:
    assert get("/app/assets/../pages.py").status_code == 404
    assert get("/app/nothing").status_code == 404
