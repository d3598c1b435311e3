"""What reaches a workspace and what comes back, seen by an upstream behind a real Caddy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from .conftest import AUTHORIZATION, Door

DEMO = "/workspace/demo/"


def seen(door: Door, headers: list[tuple[str, str]], entrance: str = "ide", target: str = DEMO) -> dict[str, list[str]]:
    """Return the headers that arrive at the upstream, by lower-case name."""
    arrived: dict[str, list[str]] = {}
    for name, value in door.ask(entrance, target, headers=headers).json["headers"]:
        arrived.setdefault(name, []).append(value)
    return arrived


@pytest.mark.parametrize("entrance", ["app", "ide", "preview"])
@pytest.mark.parametrize("target", ["/", DEMO, "/workspace/demo/port/5173/", "/api/x", "/nothing"])
def test_without_the_password_everything_is_401(door: Door, entrance: str, target: str) -> None:
    reply = door.ask(entrance, target, login=False)
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Basic realm="Rockpool"')
    assert reply.json["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "value",
    [
        "Basic YWRtaW46d3Jvbmc=",  # admin:wrong
        "Basic YWRtaW46",  # admin: without a password
        "Basic ???",
        "Bearer correct horse",
        AUTHORIZATION.replace("Basic", "Bearer"),
    ],
)
def test_a_wrong_password_is_401(door: Door, value: str) -> None:
    assert door.ask("ide", DEMO, login=False, headers=[("Authorization", value)]).status == 401


def test_health_is_open(door: Door) -> None:
    reply = door.ask("app", "/healthz", login=False)
    assert (reply.status, reply.body) == (200, b"ok\n")


def test_the_password_stays_at_the_door(door: Door) -> None:
    assert door.ask("ide", DEMO).status == 200
    assert "authorization" not in seen(door, [])


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-Server",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Real-IP",
        "Remote-User",
        "Remote-Groups",
        "X-Remote-User",
        "X-Authenticated-User",
        "X-Auth-Request-User",
        "X-Rockpool-User",
        "CF-Connecting-IP",
        "CF-Access-Jwt-Assertion",
        "True-Client-IP",
        "Tailscale-User-Login",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Proxy",
        "Proxy-Authorization",
    ],
)
@pytest.mark.parametrize("separator", ["-", "_", "."])
def test_a_client_cannot_claim_to_be_a_proxy_or_a_user(door: Door, name: str, separator: str) -> None:
    sent = name.replace("-", separator)
    arrived = seen(door, [(sent, "forged"), (sent.upper(), "forged"), ("X-Control", "kept")])
    assert arrived["x-control"] == ["kept"]
    assert not [key for key, values in arrived.items() if "forged" in values]


def test_how_the_request_came_is_told_truly(door: Door) -> None:
    forged = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Proto", "gopher")]
    forged += [("X-Forwarded-Prefix", "/evil"), ("X_Forwarded_For", "203.0.113.9")]
    arrived = seen(door, forged)
    assert arrived["x-forwarded-for"] == ["127.0.0.1"]
    assert arrived["x-forwarded-host"] == [f"127.0.0.1:{door.port('ide')}"] == arrived["host"]
    assert arrived["x-forwarded-proto"] == ["http"]
    assert arrived["x-forwarded-prefix"] == ["/workspace/demo"]
    assert "x_forwarded_for" not in arrived


def test_the_base_url_says_the_scheme_of_a_preview(door: Door) -> None:
    arrived = seen(door, [], "preview", "/workspace/demo/port/5173/x")
    assert arrived["x-forwarded-proto"] == ["https"]
    assert arrived["x-forwarded-prefix"] == ["/workspace/demo/port/5173"]


def test_naming_our_headers_in_connection_does_not_remove_them(door: Door) -> None:
    arrived = seen(door, [("Connection", "X-Forwarded-Proto, X-Forwarded-For, X-Forwarded-Prefix")])
    assert (arrived["x-forwarded-proto"], arrived["x-forwarded-prefix"]) == (["http"], ["/workspace/demo"])
    assert arrived["x-forwarded-for"] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ("a=1; b=2", "a=1; b=2"),
        ("rockpool_session=secret", ""),
        ("a=1; rockpool_session=secret; b=2", "a=1; b=2"),
        ("rockpool_session=secret; a=1", "a=1"),
        ("a=1;__Host-rockpool=secret;b=2", "a=1;b=2"),
        ("a=1; __Secure-Rockpool-x=secret", "a=1"),
        ("a=rockpool_session=1; norockpool=1", "a=rockpool_session=1; norockpool=1"),
    ],
)
def test_our_cookies_stay_at_the_door(door: Door, sent: str, arrives: str) -> None:
    assert seen(door, [("Cookie", sent)])["cookie"] == [arrives]


def test_our_cookies_stay_at_the_door_in_every_cookie_header(door: Door) -> None:
    arrived = seen(door, [("Cookie", "a=1"), ("Cookie", "rockpool=secret"), ("Cookie", "b=2; rockpool_x=secret")])
    assert "secret" not in str(arrived)


def test_answers_that_act_on_the_whole_origin_are_held_back(own_door: Callable[..., Door]) -> None:
    names = [
        "Clear-Site-Data",
        "Strict-Transport-Security",
        "Alt-Svc",
        "NEL",
        "Report-To",
        "WWW-Authenticate",
    ]
    door = own_door()
    cookies = [
        ("Set-Cookie", "a=1; Path=/"),
        ("Set-Cookie", "rockpool_session=forged"),
        ("set-cookie", "__Host-rockpool=x"),
    ]
    door.serve("demo.ide", answer_headers=(*((name, "forged") for name in names), ("X-Control", "kept"), *cookies))
    headers = door.ask("ide", DEMO).headers
    assert headers["X-Control"] == "kept"
    assert not [name for name in names if headers[name]]
    assert [value for value in headers.get_all("Set-Cookie", []) if value] == ["a=1; Path=/"]


@pytest.mark.parametrize("asked", ["/", "/workspace/other/", "https://example.org/", "/workspace/demo/deep/"])
def test_a_service_worker_may_have_its_workspace_and_nothing_else(own_door: Callable[..., Door], asked: str) -> None:
    door = own_door()
    for instance in ("demo.ide", "demo.5173"):
        door.serve(instance, answer_headers=(("Service-Worker-Allowed", asked),))
    assert door.ask("ide", DEMO).headers.get_all("Service-Worker-Allowed") == ["/workspace/demo/"]
    port = "/workspace/demo/port/5173/"
    assert door.ask("preview", port).headers.get_all("Service-Worker-Allowed") == [port]


def test_a_workspace_that_asks_for_no_service_worker_gets_no_leave(door: Door) -> None:
    assert door.ask("ide", DEMO).headers["Service-Worker-Allowed"] is None


def test_a_workspace_frames_its_own_pages(door: Door) -> None:
    headers = door.ask("ide", DEMO).headers
    assert headers["X-Frame-Options"] is None
    assert headers["Content-Security-Policy"] is None


def test_the_control_plane_learns_the_user_from_caddy_alone(own_door: Callable[..., Door]) -> None:
    door = own_door()
    door.serve("control.ide")
    door.load(replace(door.settings, control_socket=str(door.routes / "control.ide.sock")))
    headers = [
        ("X-Remote-User", "root"),
        ("X_Remote_User", "root"),
        ("Connection", "X-Remote-User"),
        ("Cookie", "rockpool=1"),
    ]
    reply = door.ask("app", "/api/workspaces?q=a%2fb", headers=headers)
    arrived = dict(reply.json["headers"])
    assert reply.json["target"] == "/api/workspaces?q=a%2fb"
    assert arrived["x-remote-user"] == "admin"
    assert arrived["cookie"] == "rockpool=1"
    assert "authorization" not in arrived
    assert reply.headers["X-Frame-Options"] == "DENY"


def test_the_log_holds_no_secrets(own_door: Callable[..., Door]) -> None:
    door = own_door(try_seconds=1, log_level="DEBUG")
    door.serve("demo.ide", answer_headers=(("Set-Cookie", "b=s3cret"),))
    (door.routes / "gone.ide").touch()  # a marker without a socket: the proxy fails and logs
    secrets = [("Cookie", "a=s3cret"), ("X-Api-Key", "s3cret"), ("Referer", "http://x/?t=s3cret")]
    assert door.ask("ide", "/workspace/gone/?token=s3cret", headers=secrets).status == 503
    assert door.ask("ide", "/workspace/gone/?token=s3cret", headers=secrets, login=False).status == 401
    assert door.ask("ide", "/workspace/demo/?token=s3cret", headers=secrets).status == 200
    assert "/workspace/gone/" in door.log  # the log did write about these requests
    assert "upstream roundtrip" in door.log
    assert "s3cret" not in door.log
    assert AUTHORIZATION.removeprefix("Basic ") not in door.log
