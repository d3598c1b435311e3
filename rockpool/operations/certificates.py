"""Authorities that a machine trusts beyond Debian's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.facts.certificates import Trust
from rockpool.facts.script import Commands, argv, script

_DIRECTORY = "/usr/local/share/ca-certificates"


@operation()
def trusted(certificates: Mapping[str, str]) -> Commands:
    """Certificates (PEM by file name, `….crt`) that are in the machine's bundle; others that are there stay."""
    current = host.get_fact(Trust, directory=_DIRECTORY)
    changed = [name for name in sorted(certificates) if current.added.get(name) != _sha256(certificates[name])]
    for name in changed:
        text = certificates[name]
        size = str(len(text.encode()))
        yield script("write", f"{_DIRECTORY}/{name}", "644", "root", "root", size, stdin=text)
    if changed or current.stale:
        yield argv("update-ca-certificates")
    else:
        host.noop(f"{len(certificates)} certificates are trusted")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
