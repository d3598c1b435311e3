"""The three entrances: which request goes where, in the order in which Caddy asks."""

from __future__ import annotations

from rockpool.caddy import answers, passes, paths
from rockpool.caddy.answers import Handler, Route
from rockpool.caddy.paths import TARGET, WORKSPACE, WORKSPACE_PORT, Matcher
from rockpool.caddy.settings import Entrance, Settings

Server = dict[str, object]


def app(settings: Settings) -> Server:
    """The dashboard and the API; a workspace's path is sent to its own port."""
    return _server(
        settings.app,
        answers.handler(answers.CONTROL_DOWN),
        [_route(paths.exactly("/healthz"), _text("ok\n"))],
        [
            _login(settings),
            _route(paths.exactly("/") + paths.exactly("/app/?"), _redirect("/app/workspaces")),
            _route(paths.below("/app", "/api"), *_control(settings)),
            _elsewhere(paths.PREVIEW, settings.preview),
            _route([paths.target(paths.ANY_PORT)], answers.handler(answers.NOT_FOUND)),
            _elsewhere(paths.IDE, settings.ide),
        ],
    )


def ide(settings: Settings) -> Server:
    """The IDE of every workspace."""
    return _server(
        settings.ide,
        _down(settings),
        [],
        [
            _login(settings),
            *_home(settings),
            _elsewhere(paths.PREVIEW, settings.preview),
            _route([paths.target(paths.ANY_PORT)], answers.handler(answers.NOT_FOUND)),
            _route([paths.target(paths.EDITORS_PROXY)], answers.handler(answers.NOT_FOUND)),
            _slash(paths.IDE_BARE, passes.IDE_PREFIX),
            *_workspace(settings, settings.ide, paths.IDE, f"{WORKSPACE}.ide", passes.IDE_PREFIX),
        ],
    )


def preview(settings: Settings) -> Server:
    """The registered ports of every workspace."""
    return _server(
        settings.preview,
        _down(settings),
        [],
        [
            _login(settings),
            *_home(settings),
            _slash(paths.PREVIEW_BARE, passes.PREVIEW_PREFIX),
            *_workspace(
                settings, settings.preview, paths.PREVIEW, f"{WORKSPACE}.{WORKSPACE_PORT}", passes.PREVIEW_PREFIX
            ),
            _route([paths.target(paths.ANY_PORT)], answers.handler(answers.NOT_FOUND)),
            _elsewhere(paths.IDE, settings.ide),
        ],
    )


def _down(settings: Settings) -> Handler:
    return answers.workspace_down(settings.app.url if settings.control_socket else "")


def _server(entrance: Entrance, down: Handler, before_login: list[Route], after_login: list[Route]) -> Server:
    return {
        "listen": [entrance.listen],
        "protocols": ["h1"],
        "automatic_https": {"disable": True},
        "read_header_timeout": "30s",
        # Cookies of every program on localhost come along, so Caddy's 16 KiB can be too few.
        "max_header_bytes": 65536,
        "routes": [
            {"handle": [passes.claims_dropped()]},
            _route(paths.unsafe(), answers.handler(answers.REFUSED)),
            *before_login,
            *after_login,
            {"handle": [answers.handler(answers.NOT_FOUND)]},
        ],
        "errors": {"routes": answers.on_error(down)},
    }


def _route(match: list[Matcher], *handle: Handler) -> Route:
    return {"match": match, "handle": list(handle), "terminal": True}


def _login(settings: Settings) -> Route:
    account = {"username": settings.user, "password": settings.password_hash.reveal()}
    # Without the cache bcrypt would run on every request.
    basic = {"hash": {"algorithm": "bcrypt"}, "hash_cache": {}, "realm": "Rockpool", "accounts": [account]}
    return {"handle": [{"handler": "authentication", "providers": {"http_basic": basic}}]}


def _home(settings: Settings) -> list[Route]:
    return [
        _route(paths.exactly("/") + paths.exactly("/app") + paths.below("/app"), _redirect(settings.app.url + TARGET))
    ]


def _elsewhere(pattern: str, entrance: Entrance) -> Route:
    return _route(paths.workspace(pattern), _redirect(entrance.url + TARGET))


def _slash(pattern: str, prefix: str) -> Route:
    return _route(paths.workspace(pattern), _redirect(prefix + "/{http.request.orig_uri.prefixed_query}"))


def _control(settings: Settings) -> list[Handler]:
    if not settings.control_socket:
        return [answers.handler(answers.CONTROL_ABSENT)]
    user = {"X-Remote-User": ["{http.auth.user.id}"], "X-Forwarded-Proto": [settings.app.scheme]}
    headers: dict[str, object] = {
        "request": {"delete": ["Authorization"], "set": user},
        "response": {"set": {"X-Frame-Options": ["DENY"], "X-Content-Type-Options": ["nosniff"]}},
    }
    return [_proxy(settings, settings.control_socket, headers)]


def _workspace(settings: Settings, entrance: Entrance, pattern: str, instance: str, prefix: str) -> list[Route]:
    """Two routes: no marker file, so it is down and says so at once; else its socket, which is the route."""
    marker = {"file": {"root": settings.routes_dir, "try_files": [f"/{instance}"]}}
    match = paths.workspace(pattern)
    down: Route = {"match": [{"not": [marker]}], "handle": [_down(settings)], "terminal": True}
    proxy = _proxy(settings, f"{settings.routes_dir}/{instance}.sock", passes.to_workspace(entrance.scheme, prefix))
    strip = {"handler": "rewrite", "strip_path_prefix": prefix}
    up: Route = {"handle": [passes.credentials_dropped(), strip, proxy]}
    return [_route(match, {"handler": "subroute", "routes": [down, up]})]


def _proxy(settings: Settings, socket: str, headers: dict[str, object]) -> Handler:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{socket}"}],
        "load_balancing": {"try_duration": f"{settings.try_seconds}s", "try_interval": "250ms"},
        # An upstream's bytes pass as they are; Caddy would ask for gzip and unpack it.
        "transport": {"protocol": "http", "dial_timeout": "2s", "compression": False},
        "flush_interval": -1,
        "stream_close_delay": f"{settings.stream_close_seconds}s",
        "headers": headers,
    }


def _redirect(location: str) -> Handler:
    # 307 keeps the method, and no browser remembers it.
    headers = {"Location": [location], "Cache-Control": ["no-store"]}
    return {"handler": "static_response", "status_code": 307, "headers": headers}


def _text(body: str) -> Handler:
    headers = {**answers.CLOSED_HEADERS, "Content-Type": ["text/plain; charset=utf-8"]}
    return {"handler": "static_response", "status_code": 200, "headers": headers, "body": body}
