"""Telling a wish to the end: what happens, how long it took last time, and how to look again after Ctrl-C."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rockpool.client import Client, Workspace

STILL = 15.0
"""Seconds of silence after which it says that it is still at work."""

STOPPED = 130
"""The exit code after Ctrl-C, as shells have it."""


def fulfil(client: Client, wish: Workspace, act: str) -> Workspace | None:
    """Follow a wish until it has come true; return the workspace, None when it is gone.

    `act` says it in one word, such as `create`; under it the time is remembered. Ctrl-C ends the program and leaves
    the wish as it is.
    """
    from rockpool.client import follow
    from rockpool.execute import progress

    key = f"{act} a workspace"
    try:
        with progress.stage(f"{act} {wish.name}", key=key):
            return follow(client, wish, _say, _Still(key))
    except KeyboardInterrupt:
        click.echo(f"\n{wish.name} goes on without you: rockpool workspace show --follow {wish.name}", err=True)
        sys.exit(STOPPED)


def _say(text: str) -> None:
    click.echo(f"    {text}", err=True)


class _Still:
    """Says now and then that it is still at work, and how long that took last time."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._begin = self._told = time.monotonic()

    def __call__(self) -> None:
        from rockpool.execute import progress

        now = time.monotonic()
        if now - self._told < STILL:
            return
        self._told = now
        known = progress.last(self._key)
        hint = "" if known is None else f", {progress.text(known)} last time"
        _say(f"{progress.text(now - self._begin)} so far{hint}")
