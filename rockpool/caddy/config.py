"""Caddy's one configuration file. It never changes with workspaces: a Unix socket is the route."""

from __future__ import annotations

import hashlib
import json

from rockpool.caddy import servers
from rockpool.caddy.settings import Settings
from rockpool.secret import Secret

Config = dict[str, object]


def config(settings: Settings) -> Config:
    """Return the whole configuration as Caddy's JSON data. It holds the password's hash."""
    return {
        # Not persisted: after a restart the file counts, and nothing else.
        "admin": {"listen": f"unix/{settings.admin_socket}|0600", "config": {"persist": False}},
        "storage": {"module": "file_system", "root": settings.data_dir},
        "logging": {"logs": {"default": _log(settings.log_level)}},
        "apps": {
            "http": {
                "grace_period": "5s",
                "servers": {
                    "app": servers.app(settings),
                    "ide": servers.ide(settings),
                    "preview": servers.preview(settings),
                },
            }
        },
    }


def render(settings: Settings) -> Secret:
    """Return the configuration file's text."""
    return Secret(json.dumps(config(settings), indent=1, sort_keys=True) + "\n")


def canonical(config: Config) -> str:
    """Return the configuration as Caddy's admin API writes it: sorted, without spaces, escaped as Go does."""
    text = json.dumps(config, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "".join(_GO_ESCAPES.get(character, character) for character in text)


def fingerprint(settings: Settings) -> str:
    """Return the sha256 of what the admin API answers while Caddy runs these settings."""
    return hashlib.sha256(canonical(config(settings)).encode()).hexdigest()


_GO_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def _log(level: str) -> dict[str, object]:
    # No access log. What Caddy itself says is told without query, headers and cookies: they hold secrets.
    no_query = {"filter": "regexp", "regexp": r"\?.*", "value": "?…"}
    gone = {"filter": "delete"}
    fields = {"request>uri": no_query, "uri": no_query, "request>headers": gone, "headers": gone, "resp_headers": gone}
    return {
        "writer": {"output": "stderr"},
        "encoder": {"format": "filter", "wrap": {"format": "json", "time_format": "rfc3339"}, "fields": fields},
        "level": level,
    }
