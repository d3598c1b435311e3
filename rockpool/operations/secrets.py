"""Secrets of the host."""

from __future__ import annotations

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.program import PROGRAM
from rockpool.facts.script import Commands, argv
from rockpool.facts.secrets import AdminExists


@operation()
def admin() -> Commands:
    """The password of the door, made once and kept on the host alone."""
    if host.get_fact(AdminExists):
        host.noop("the password is there")
    else:
        yield argv(*PROGRAM, "host", "secrets")
