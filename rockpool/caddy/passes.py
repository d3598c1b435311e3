"""What passes to a workspace and back: never our credentials, never a header that somebody may take for ours."""

from __future__ import annotations

from rockpool.caddy.paths import WORKSPACE, WORKSPACE_PORT

Ops = dict[str, object]

COOKIE_PREFIX = "rockpool"
"""Cookies whose name begins so, with or without `__Host-` or `__Secure-`, are ours."""

CLAIMS = (
    "X-Forwarded*",
    "Forwarded",
    "X-Real-Ip",
    "X-Client-Ip",
    "True-Client-Ip",
    "Cf-*",
    "Remote-*",
    "X-Remote-*",
    "X-Authenticated-*",
    "X-Auth-Request-*",
    "X-Rockpool-*",
    "Tailscale-*",
    "X-Original-*",
    "X-Rewrite-Url",
    "Proxy",
    "Proxy-Authorization",
)
"""Headers by which a client could claim to be a proxy or a user. Caddy itself drops names with `_` and `.`."""

ORIGIN_WIDE = (
    "Clear-Site-Data",
    "Strict-Transport-Security",
    "Alt-Svc",
    "Nel",
    "Report-To",
    "Public-Key-Pins*",
    "Www-Authenticate",
    "Proxy-Authenticate",
)
"""Answers that act on the whole origin or host, which a workspace shares with others and with /app."""

_OURS = rf"(?:__Host-|__Secure-)?{COOKIE_PREFIX}[^=;]*=[^;]*"


def claims_dropped() -> Ops:
    """Delete the client's claims before anything else looks at the request."""
    return {"handler": "headers", "request": {"delete": list(CLAIMS)}}


def credentials_dropped() -> Ops:
    """Delete our password and cookies. An empty Cookie header is harmless and stays."""
    cookies = [
        {"search_regexp": rf"(?i)(?:^|;)\s*{_OURS}", "replace": ""},
        {"search_regexp": r"^\s*;\s*", "replace": ""},
    ]
    return {"handler": "headers", "request": {"delete": ["Authorization"], "replace": {"Cookie": cookies}}}


def to_workspace(scheme: str, prefix: str) -> Ops:
    """Say truly how the request came, and hold back answers that reach beyond the workspace.

    A service worker may have the whole prefix: a script that lies directly below it needs nobody's leave for that.
    """
    return {
        "request": {"set": {"X-Forwarded-Proto": [scheme], "X-Forwarded-Prefix": [prefix]}},
        "response": {
            "delete": list(ORIGIN_WIDE),
            "replace": {
                "Set-Cookie": [{"search_regexp": rf"(?i)^\s*{_OURS}.*$", "replace": ""}],
                "Service-Worker-Allowed": [{"search_regexp": "^.*$", "replace": f"{prefix}/"}],
            },
        },
    }


IDE_PREFIX = f"/workspace/{WORKSPACE}"
PREVIEW_PREFIX = f"{IDE_PREFIX}/port/{WORKSPACE_PORT}"
