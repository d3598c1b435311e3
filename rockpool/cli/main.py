"""The `rockpool` program: one group a noun."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Rockpool: a private cloud IDE on one machine."""
