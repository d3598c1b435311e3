"""The noun itself."""

from __future__ import annotations

import click


@click.group("workspace")
def group() -> None:
    """Make, look at, enter and delete workspaces."""
