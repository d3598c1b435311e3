"""Which path means what. Every decision is taken on the request target as the client sent it.

Caddy cleans and decodes a path before its own matchers see it, so `/workspace/a/../b/` or `/workspace/%61/` would name
another workspace than the text says. Matching the raw target cannot be fooled; what cleaning would change is refused.
"""

from __future__ import annotations

from rockpool import names

Matcher = dict[str, object]

_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@\[\]-]|%[0-9A-Fa-f]{2})"
# The characters that Go keeps as they are when it takes the prefix off; any other is re-encoded with the whole path.
PLAIN = rf"^/(?:{_SEGMENT}+/)*{_SEGMENT}*(?:\?.*)?$"
DOTS = r"(?i)^[^?]*(?:/|%2f|%5c)(?:\.|%2e){1,2}(?:/|%2f|%5c|\?|$)"

# RE2 knows no lookahead, so names.WORKSPACE_NAME is said by a pattern and two exceptions.
NAME = r"[a-z][a-z0-9-]{1,61}[a-z0-9]"
DOUBLE_HYPHEN = r"^/workspace/[^/?]*--"
RESERVED = rf"^/workspace/(?:{'|'.join(sorted(names.RESERVED))})(?:[/?]|$)"

PORT = r"[1-9][0-9]{3,4}"
_NAME = f"(?P<name>{NAME})"
_PORT = f"(?P<port>{PORT})"
IDE = rf"^/workspace/{_NAME}(?:/|\?|$)"
IDE_BARE = rf"^/workspace/{_NAME}(?:\?|$)"
PREVIEW = rf"^/workspace/{_NAME}/port/{_PORT}(?:/|\?|$)"
PREVIEW_BARE = rf"^/workspace/{_NAME}/port/{_PORT}(?:\?|$)"
ANY_PORT = r"^/workspace/[^/?]*/port(?:[/?]|$)"
EDITORS_PROXY = r"^/workspace/[^/?]*/(?:abs)?proxy(?:[/?]|$)"
"""code-server's own way to any port, which is switched off there: previews have an entrance of their own."""

TARGET = "{http.request.orig_uri}"
"""Caddy's placeholder for the request target as sent, query included."""

WORKSPACE = "{http.regexp.ws.name}"
"""Caddy's placeholder for the name that a matcher of `workspace` found."""

WORKSPACE_PORT = "{http.regexp.ws.port}"


def target(pattern: str) -> Matcher:
    """Match the request target by an RE2 pattern."""
    return {"vars_regexp": {TARGET: {"pattern": pattern}}}


def unsafe() -> list[Matcher]:
    """Match what Caddy would clean, decode or re-encode before passing it on."""
    return [{"not": [target(PLAIN)]}, target(DOTS)]


def exactly(path: str) -> list[Matcher]:
    """Match one path, with or without a query."""
    return [target(rf"^{path}(?:\?|$)")]


def below(*prefixes: str) -> list[Matcher]:
    """Match the paths below any of these prefixes."""
    return [target(rf"^(?:{'|'.join(prefixes)})/")]


def workspace(pattern: str) -> list[Matcher]:
    """Match a workspace's path by one of the patterns above and remember its name (and port)."""
    found = {TARGET: {"name": "ws", "pattern": pattern}}
    return [{"vars_regexp": found, "not": [target(DOUBLE_HYPHEN), target(RESERVED)]}]
