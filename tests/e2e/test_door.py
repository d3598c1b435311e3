"""The door from outside: who gets in, which port answers what, and what of a request a workspace gets to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.bed.door import ask, basic
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(1200)]

DOORS = ("app", "ide", "preview")
PORT = "5173"
CLAIMS = {
    "Forwarded": "for=forged",
    "Proxy-Authorization": "Basic forged",
    "Remote-User": "forged",
    "X-Forwarded-For": "forged",
    "X-Forwarded-Host": "forged.test",
    "X-Forwarded-Proto": "forged",
    "X-Forwarded-User": "forged",
    "X-Real-Ip": "forged",
    "X-Remote-User": "forged",
    "X-Rockpool-User": "forged",
}


@pytest.fixture(scope="module")
def login(shared_site: Site) -> dict[str, str]:
    return basic(shared_site.password)


def url(site: Site, entrance: str, target: str) -> str:
    return str(getattr(site, entrance)) + target


def test_health_alone_is_open(shared_site: Site) -> None:
    assert ask(url(shared_site, "app", "/healthz"), {}).status == 200
    closed = {entrance: ask(url(shared_site, entrance, "/workspace/demo/"), {}).status for entrance in DOORS}
    assert closed == dict.fromkeys(DOORS, 401)
    assert ask(url(shared_site, "app", "/"), basic("wrong")).status == 401


def test_each_path_leads_to_its_own_port(shared_site: Site, login: dict[str, str]) -> None:
    wanted = {
        ("app", "/"): "/app/workspaces",
        ("app", "/workspace/demo/?a=b"): url(shared_site, "ide", "/workspace/demo/?a=b"),
        ("app", f"/workspace/demo/port/{PORT}/x"): url(shared_site, "preview", f"/workspace/demo/port/{PORT}/x"),
        ("ide", "/app/workspaces"): url(shared_site, "app", "/app/workspaces"),
        ("ide", f"/workspace/demo/port/{PORT}/"): url(shared_site, "preview", f"/workspace/demo/port/{PORT}/"),
        ("preview", "/app/workspaces"): url(shared_site, "app", "/app/workspaces"),
        ("preview", "/workspace/demo/"): url(shared_site, "ide", "/workspace/demo/"),
    }
    answers = {asked: ask(url(shared_site, *asked), login) for asked in wanted}
    assert {asked: answer.location for asked, answer in answers.items()} == wanted
    assert {answer.status for answer in answers.values()} == {307}


def test_what_is_nowhere_is_404_and_what_could_mislead_is_400(shared_site: Site, login: dict[str, str]) -> None:
    unknown = [(entrance, "/nothing") for entrance in DOORS]
    editors = ("/workspace/demo/proxy/22/", "/workspace/demo/absproxy/22/", "/workspace/x--y/")
    unknown += [("ide", target) for target in editors]
    assert {asked: ask(url(shared_site, *asked), login).status for asked in unknown} == dict.fromkeys(unknown, 404)
    odd = [(entrance, "/workspace/other/../demo/") for entrance in DOORS]
    assert {asked: ask(url(shared_site, *asked), login).status for asked in odd} == dict.fromkeys(odd, 400)


def test_the_ide_answers_and_what_does_not_run_says_so_at_once(shared_site: Site, login: dict[str, str]) -> None:
    health = ask(url(shared_site, "ide", "/workspace/demo/healthz"), login)
    assert (health.status, sorted(json.loads(health.body))) == (200, ["lastHeartbeat", "status"])
    editor = ask(url(shared_site, "ide", "/workspace/demo/?folder=/home/coder"), login)
    assert (editor.status, "workbench.js" in editor.body) == (200, True)
    for entrance, target in (("ide", "/workspace/absent/"), ("preview", f"/workspace/demo/port/{PORT}/")):
        down = ask(url(shared_site, entrance, target), login, seconds=20)
        assert (down.status, json.loads(down.body)["error"]["code"]) == (503, "workspace_unavailable")


@contextmanager
def echo(site: Site) -> Iterator[str]:
    """Give the URL of a server in the workspace that tells what it got."""
    guest = site.guest
    guest.begin("echo.py", PORT)
    ports(site, "add")
    yield url(site, "preview", f"/workspace/demo/port/{PORT}")
    ports(site, "remove")
    guest.run(*guest.workspace, "pkill", "-f", "BaseHTTPRequestHandler")


def ports(site: Site, change: str) -> None:
    done = site.rockpool("workspace", "ports", "demo", change, PORT)
    assert done.returncode == 0, done.stderr


def test_what_a_workspace_sees_and_its_closed_port(shared_site: Site, login: dict[str, str]) -> None:
    cookies = {"Cookie": "rockpool_session=ours; theirs=1; __Host-rockpool=ours; other=2"}
    with echo(shared_site) as served:
        assert ask(f"{served}/", login).status == 200
        got: dict[str, Any] = json.loads(ask(f"{served}/a%20b?c=d", {**login, **CLAIMS, **cookies}).body)
    assert ask(f"{served}/", login, seconds=20).status == 503, "a closed port is closed at once"
    assert got["path"] == "/a%20b?c=d"
    seen = {name.lower(): value for name, value in got["headers"].items()}
    assert [part.strip() for part in seen["cookie"].split(";")] == ["theirs=1", "other=2"]
    assert seen["x-forwarded-prefix"] == f"/workspace/demo/port/{PORT}"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == seen["host"] == shared_site.preview.removeprefix("http://")
    assert "authorization" not in seen
    secret = login["Authorization"].removeprefix("Basic ")
    told = json.dumps(got)
    assert [word for word in ("forged", "ours", secret, shared_site.password) if word in told] == []


def test_a_workspace_comes_and_goes_by_command(shared_site: Site, login: dict[str, str]) -> None:
    guest, entrance = shared_site.guest, url(shared_site, "ide", "/workspace/play/healthz")
    made = shared_site.rockpool("workspace", "create", "play")
    assert (made.returncode, made.stdout) == (0, f"{shared_site.ide}/workspace/play/\n"), made.stderr
    assert ask(entrance, login).status == 200
    assert [line.split()[:2] for line in listed(shared_site)] == [["demo", "running"], ["play", "running"]]
    guest.run(*guest.podman("exec", "ws-play", "sh", "-c", "echo mine > ~/kept"))

    gone = shared_site.rockpool("workspace", "delete", "play")
    assert (gone.returncode, gone.stdout) == (0, "play is deleted\n"), gone.stderr
    assert ask(entrance, login).status == 503
    assert [line.split()[0] for line in listed(shared_site)] == ["demo"]
    assert guest.sh("cat /var/lib/rockpool-ws/kept/play.*/kept") == "mine\n"
    again = shared_site.rockpool("workspace", "delete", "play")
    assert (again.returncode, again.stdout) == (0, "there is no play\n"), again.stderr


def listed(site: Site) -> list[str]:
    done = site.rockpool("workspace", "list")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]  # the header
