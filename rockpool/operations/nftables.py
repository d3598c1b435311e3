"""Firewall rules that are live, and the same after the next boot."""

from __future__ import annotations

from collections.abc import Callable

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.nftables import Ruleset
from rockpool.facts.script import Commands, argv
from rockpool.operations.files import config


@operation()
def ruleset(dest: str, content: str | Callable[[], str], *, table: str) -> Commands:
    """One `inet` table that is live as this file means it.

    + dest: where the file lies, for the unit that loads it at boot
    + content: what `nft -f` loads in one transaction; it deletes and defines the whole table. A function is asked while
      this operation runs, when the machine is there
    + table: the table's name; other tables are left alone

    A file that nft refuses changes nothing. Rules that somebody has changed are replaced by one transaction, in which
    connections live on.
    """
    text, written = content() if callable(content) else content, False
    for command in config._inner(dest=dest, content=text, validate=("nft", "--check", "--file", "{}")):
        written = True
        yield command
    current = host.get_fact(Ruleset, table=table, file=dest)
    if written or current is None or current.live != current.meant:
        yield argv("nft", "--file", dest)
    else:
        host.noop(f"table {table} is live as {dest} means it")
