"""Which request goes where: the three entrances of a real Caddy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from .conftest import Door

NAVIGATE = [("Sec-Fetch-Mode", "navigate")]
LOCATIONS = [
    ("app", "/", "/app/workspaces"),
    ("app", "/app", "/app/workspaces"),
    ("app", "/app/", "/app/workspaces"),
    ("app", "/workspace/demo", "{ide}/workspace/demo"),
    ("app", "/workspace/demo/", "{ide}/workspace/demo/"),
    ("app", "/workspace/demo/a%2fb?folder=/x&y=%20", "{ide}/workspace/demo/a%2fb?folder=/x&y=%20"),
    ("app", "/workspace/demo/port/5173/x?y=1", "{preview}/workspace/demo/port/5173/x?y=1"),
    ("ide", "/workspace/demo/port/5173", "{preview}/workspace/demo/port/5173"),
    ("ide", "/workspace/demo/port/5173/x", "{preview}/workspace/demo/port/5173/x"),
    ("ide", "/workspace/demo", "/workspace/demo/"),
    ("app", "/workspace/demo/?q={{env.HOME}}", "{ide}/workspace/demo/?q={{env.HOME}}"),
    ("ide", "/workspace/demo?folder=/x", "/workspace/demo/?folder=/x"),
    ("ide", "/", "{app}/"),
    ("ide", "/app/workspaces?q=a", "{app}/app/workspaces?q=a"),
    ("preview", "/workspace/demo/port/5173", "/workspace/demo/port/5173/"),
    ("preview", "/workspace/demo/", "{ide}/workspace/demo/"),
    ("preview", "/workspace/demo", "{ide}/workspace/demo"),
    ("preview", "/", "{app}/"),
]


@pytest.mark.parametrize(("entrance", "target", "location"), LOCATIONS)
def test_a_wrong_port_redirects_to_the_right_one(door: Door, entrance: str, target: str, location: str) -> None:
    settings = door.settings
    reply = door.ask(entrance, target.replace("{{", "{").replace("}}", "}"))
    expected = location.format(app=settings.app.url, ide=settings.ide.url, preview=settings.preview.url)
    assert (reply.status, reply.location) == (307, expected)


@pytest.mark.parametrize("entrance", ["app", "ide", "preview"])
@pytest.mark.parametrize(
    "target",
    [
        "/nothing",
        "/workspace",
        "/workspace/",
        "/workspaces/demo/",
        "/workspace/demo/port/",
        "/workspace/demo/port/80/",
        "/workspace/demo/port/123456/",
        "/workspace/demo/port/05173/",
        "/workspace/demo/port/x/",
        "/workspace/ab/",
        "/workspace/Demo/",
        "/workspace/1demo/",
        "/workspace/demo-/",
        "/workspace/de--mo/",
        "/workspace/-demo/",
        "/workspace/api/",
        "/workspace/port/5173/",
        "/workspace/workspace/port/5173/",
        "/workspace/demo.ide/",
        "/workspace/d%65mo/",
        "/workspace/demo%2f/",
        "/workspace/demo%00/",
        f"/workspace/{'a' * 64}/",
    ],
)
def test_an_unknown_path_is_404(door: Door, entrance: str, target: str) -> None:
    reply = door.ask(entrance, target)
    assert (reply.status, reply.json["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("rest", ["proxy/22/", "absproxy/22/x", "proxy?a=1"])
def test_the_editors_own_way_to_any_port_is_404(door: Door, rest: str) -> None:
    assert door.ask("ide", f"/workspace/demo/{rest}").status == 404


@pytest.mark.parametrize("target", ["/api/workspaces", "/healthz"])
@pytest.mark.parametrize("entrance", ["ide", "preview"])
def test_the_api_exists_on_its_own_port_only(door: Door, entrance: str, target: str) -> None:
    assert door.ask(entrance, target).status == 404


@pytest.mark.parametrize("entrance", ["app", "ide", "preview"])
@pytest.mark.parametrize(
    "target",
    [
        "/workspace/other/../demo/",
        "/workspace/other/..",
        "/workspace/other/./",
        "/workspace/other/.?x",
        "/workspace/other/%2e%2e/demo/",
        "/workspace/other/%2E./demo/",
        "/workspace/other/..%2fdemo/",
        "/workspace/other/%2e%2e%5cdemo/",
        "/workspace/other/a%2f..%2f..%2fdemo/",
        "/workspace/other/port/5173/../../../demo/",
        "/workspace//demo/",
        "//workspace/demo/",
        "/workspace/demo//",
        "/workspace/demo//x",
        "/workspace\\demo\\",
        "/workspace/demo/..\\x",
        '/workspace/demo/a%2fb"c',
        "/workspace/demo/<x>",
        "/app/../workspace/demo/",
        "http://localhost/workspace/demo/",
        "*",
    ],
)
def test_a_path_that_cleaning_would_change_is_refused(door: Door, entrance: str, target: str) -> None:
    assert door.ask(entrance, target).status == 400


@pytest.mark.parametrize("target", ["/workspace/demo/\xe9", "/workspace/demo/a#b", "/workspace/demo/%zz"])
def test_bytes_that_are_no_path_are_refused(door: Door, target: str) -> None:
    request = b"GET " + target.encode("latin-1") + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert door.raw("ide", request).split()[1] == b"400"


PASSED = [
    "/",
    "/a%2fb",
    "/a%2Fb%20c",
    "/%E2%82%AC",
    "/a%5cb",
    "/proxies/22/",
    "/x?q=/../a//b&r=%2e%2e",
    "/?",
    "/a;b=c,d/@x:y/~z/(1)'!$&*+=",
    "/.well-known/x",
    "/..a/b..",
    "/workspace/demo/",
    "/[slug]/x",
    "/x?q={env.HOME}{http.auth.user.id}",
]


@pytest.mark.parametrize("rest", PASSED)
@pytest.mark.parametrize(("entrance", "prefix"), [("ide", "/workspace/demo"), ("preview", "/workspace/demo/port/5173")])
def test_the_rest_of_a_path_arrives_as_sent(door: Door, entrance: str, prefix: str, rest: str) -> None:
    assert door.ask(entrance, prefix + rest).json["target"] == rest


def test_each_name_and_port_has_its_own_socket(door: Door) -> None:
    # one client, kept-alive connections behind Caddy: a connection must never serve another workspace
    for _ in range(3):
        assert door.ask("ide", "/workspace/demo/").json["upstream"].endswith("/demo.ide.sock")
        assert door.ask("ide", "/workspace/other/").json["upstream"].endswith("/other.ide.sock")
        assert door.ask("preview", "/workspace/demo/port/5173/").json["upstream"].endswith("/demo.5173.sock")


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_every_method_passes(door: Door, method: str) -> None:
    assert door.ask("ide", "/workspace/demo/x", method=method, body=b"{}").json["method"] == method


def test_a_workspace_without_a_marker_answers_at_once(door: Door) -> None:
    begin = time.monotonic()
    reply = door.ask("ide", "/workspace/stopped/")
    assert time.monotonic() - begin < 1
    assert (reply.status, reply.json["error"]["code"]) == (503, "workspace_unavailable")
    assert reply.headers["Retry-After"] == "5"


def test_only_a_navigation_gets_a_page(door: Door) -> None:
    page = door.ask("ide", "/workspace/stopped/", headers=NAVIGATE)
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert b"<h1>This workspace is not running</h1>" in page.body
    data = door.ask("ide", "/workspace/stopped/", headers=[("Accept", "text/html"), ("Sec-Fetch-Mode", "cors")])
    assert data.headers["Content-Type"] == "application/json"


def test_an_unregistered_port_of_a_running_workspace_is_unavailable(door: Door) -> None:
    assert door.ask("preview", "/workspace/demo/port/3000/").status == 503


@pytest.mark.parametrize("target", ["/app/workspaces", "/api/workspaces"])
def test_without_a_control_plane_its_paths_say_so(door: Door, target: str) -> None:
    reply = door.ask("app", target)
    assert (reply.status, reply.json["error"]["code"]) == (503, "control_plane_absent")
    assert b"not installed yet" in door.ask("app", target, headers=NAVIGATE).body


@pytest.mark.parametrize(
    ("entrance", "target"),
    [
        ("ide", "/workspace/stopped/?folder=%2fx&y=1"),
        ("preview", "/workspace/demo/port/3000/a%2fb"),
        ("ide", "/workspace/gone/x"),  # its marker is there and its socket is not
    ],
)
def test_who_navigates_to_a_stopped_workspace_is_led_to_where_it_can_be_started(
    own_door: Callable[..., Door], entrance: str, target: str
) -> None:
    door = own_door(try_seconds=1)
    (door.routes / "gone.ide").touch()
    door.load(replace(door.settings, control_socket=str(door.routes / "control.ide.sock")))
    reply = door.ask(entrance, target, headers=NAVIGATE)
    assert (reply.status, reply.location) == (303, f"{door.settings.app.url}/app/open{target}")
    assert door.ask(entrance, target).json["error"]["code"] == "workspace_unavailable"
    assert door.ask(entrance, target, method="POST", headers=NAVIGATE).status == 503


def test_a_control_plane_that_does_not_answer_is_said(own_door: Callable[..., Door]) -> None:
    door = own_door(try_seconds=1)
    door.load(replace(door.settings, control_socket=str(door.routes / "control.ide.sock")))
    reply = door.ask("app", "/api/workspaces")
    assert (reply.status, reply.json["error"]["code"]) == (503, "control_plane_unavailable")


def test_our_answers_are_closed(door: Door) -> None:
    for headers in ([], NAVIGATE):
        reply = door.ask("app", "/nothing", headers=headers)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'"
