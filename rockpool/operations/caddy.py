"""Caddy's configuration: the file and what runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.caddy.config import fingerprint, render
from rockpool.caddy.settings import Settings
from rockpool.errors import RockpoolError
from rockpool.execute import secrets
from rockpool.facts.caddy import LiveConfig
from rockpool.facts.script import Commands, argv
from rockpool.operations import files
from rockpool.operations.refuse import refuse

CONFIG = "/etc/caddy/caddy.json"


@operation()
def configuration(urls: Mapping[str, str], *, control_socket: str = "") -> Commands:
    """Caddy's configuration file; loaded without a restart when Caddy runs another one.

    + urls: how a browser reaches the doors `app`, `ide` and `preview`
    + control_socket: where the control plane answers; empty for none

    A file that Caddy would refuse changes nothing. What runs is compared with what is wanted, so a deploy that was
    killed between file and load heals. The password's hash is read here and never an argument: it may be made by an
    earlier operation of the same deploy.
    """
    try:
        admin = secrets.admin()
        settings = replace(Settings.for_urls(urls, admin.bcrypt, admin.user), control_socket=control_socket)
    except RockpoolError as error:
        yield refuse(error)
        return
    validate = ("caddy", "validate", "--config", "{}")
    yield from files.config._inner(dest=CONFIG, content=render(settings), mode="640", group="caddy", validate=validate)
    live = host.get_fact(LiveConfig, socket=settings.admin_socket)
    if live in (None, fingerprint(settings)):
        host.noop("Caddy runs what is in its file")
    else:
        yield argv("caddy", "reload", "--config", CONFIG, "--address", f"unix/{settings.admin_socket}")
