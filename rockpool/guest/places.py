"""Where everything of the workspaces lies, and what their names look like.

Written without `re`: importing it takes as long as all the rest of a short program.
"""

from __future__ import annotations

API = "/run/rockpool/podman/podman.sock"
WSCTL = "/run/rockpool/wsctl/wsctl.sock"
QUOTA = "/run/rockpool/quota/quota.sock"
ROUTES = "/run/rockpool/routes"
WORKSPACES = "/var/lib/rockpool-ws"
HOMES = f"{WORKSPACES}/homes"
KEPT = f"{WORKSPACES}/kept"
LAYERS = f"{WORKSPACES}/containers/overlay"
PORTS = f"{WORKSPACES}/ports"
"""A file NAME.N here registers a port."""

SUBORDINATE = 100_000
"""What container user 0 is outside; user N is this plus N."""

FIRST_USER, LAST_USER = 5001, 65_000
IDE = "ide"

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")


def is_name(text: str) -> bool:
    """Say whether it names a workspace: the rule is `rockpool.names.WORKSPACE_NAME`."""
    return (
        3 <= len(text) <= 63
        and set(text) <= _LETTERS | _DIGITS | {"-"}
        and text[0] in _LETTERS
        and text[-1] != "-"
        and "--" not in text
    )


def is_number(text: str, first: int, last: int) -> bool:
    """Say whether it is a plain decimal number in a range."""
    return bool(text) and set(text) <= _DIGITS and text[0] != "0" and len(text) < 20 and first <= int(text) <= last


def is_port(text: str) -> bool:
    """Say whether it is the number of a port that a workspace may have forwarded."""
    return is_number(text, 1024, 65_535)


def is_route(text: str) -> bool:
    """Say whether it is NAME.ide or NAME.PORT."""
    name, _, port = text.partition(".")
    return is_name(name) and (port == IDE or is_port(port))


def is_kept(text: str) -> bool:
    """Say whether it is the id of a kept home: NAME.TIME, in nanoseconds since 1970."""
    name, _, when = text.partition(".")
    return is_name(name) and is_number(when, 1, 10**19 - 1)
