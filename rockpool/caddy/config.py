"""Caddy's one configuration file. It never changes with workspaces: a Unix socket is the route."""

from __future__ import annotations

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


def canonical(text: str) -> str:
    """Return JSON in the one form in which two configurations can be compared. Raises ValueError."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


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
