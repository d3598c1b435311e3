"""Where the API is from here, and the names that a shell may complete."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from rockpool.errors import RockpoolError

if TYPE_CHECKING:
    from rockpool.client import Address, Client

VARIABLE = "ROCKPOOL_URL"


def client() -> Client:
    """Return the API's client: at ROCKPOOL_URL, else on the root VM's own socket, else through the door of this host.

    It is closed when the command ends. Raises NotFound when this host has no password yet, InputError for an address
    that is none.
    """
    from rockpool.client import Client, Connection

    found = Client(Connection(_address()))
    if context := click.get_current_context(silent=True):
        context.call_on_close(found.close)
    return found


def _address() -> Address:
    from rockpool.client import Address
    from rockpool.control.settings import Settings

    if url := os.environ.get(VARIABLE):
        return Address.parse(url)
    if Settings.socket.exists():
        return Address(socket=str(Settings.socket))
    from rockpool.execute import secrets, settings

    admin = secrets.admin()
    door = settings.base_urls(settings.machine())["app"]
    return Address(url=door, user=admin.user, password=admin.password)


def _workspaces(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Complete the name of a workspace; without an API there is nothing to complete."""
    try:
        return [found.name for found in client().workspaces() if found.name.startswith(begun)]
    except RockpoolError:
        return []


named: Callable[[Callable[..., Any]], Callable[..., Any]] = click.argument("name", shell_complete=_workspaces)
"""The argument NAME of a workspace."""

complete = _workspaces
