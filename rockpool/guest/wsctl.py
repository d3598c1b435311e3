"""`wsctl VERB…`: the few things about workspaces that Podman's API does not offer, asked of the user that owns them.

Each argument is one verb; `rockpool.guest.verbs` lists them. They run in order, up to the first that fails, whose
reason is told on stderr with exit code 1. Each may run again, and be killed anywhere.

The same program answers: `--serve` is one connection of the socket, `--restore` brings the routes back after a boot,
`--purge` deletes what was kept for long enough.
"""

from __future__ import annotations

import sys
from _socket import SHUT_WR

from rockpool.guest import places, verbs
from rockpool.guest.failure import Failure
from rockpool.guest.sockets import connect

TAKEN_WITHIN = 60.0
"""Seconds until the verbs are taken. Whoever runs this has a deadline of its own for the answers."""


def main(argv: list[str]) -> int:
    """Be the client, unless told otherwise."""
    if argv[1:] == ["--serve"]:
        from rockpool.guest.serve import serve

        return serve(verbs.do)
    if argv[1:] == ["--restore"]:
        return restore()
    if argv[1:] == ["--purge"]:
        return purge()
    return ask(argv[1:])


def ask(lines: list[str]) -> int:
    """Send verbs, print their answers; nonzero with the reason on stderr when one fails."""
    if fault := _fault(lines):
        print(fault, file=sys.stderr)
        return 2
    connection = connect(places.WSCTL, TAKEN_WITHIN)
    connection.sendall("".join(f"{line}\n" for line in lines).encode())
    connection.shutdown(SHUT_WR)
    connection.setblocking(True)
    with open(connection.detach(), encoding="utf-8") as answers:
        for line in lines:
            word, _, rest = answers.readline().rstrip("\n").partition(" ")
            if word != "ok":
                print(f"wsctl: cannot {line}: {rest or 'no answer, eight others are being served'}", file=sys.stderr)
                return 1
            if rest:
                print(rest)
    return 0


def _fault(lines: list[str]) -> str:
    if not lines:
        return __doc__ or ""
    bad = [line for line in lines if not _is_verb(line)]
    return f"wsctl: not a verb: {', '.join(map(repr, bad))}" if bad else ""


def _is_verb(line: str) -> bool:
    try:
        verbs.parse(line)
    except Failure:
        return False
    return True


def restore() -> int:
    """Open the routes of every workspace that is wanted running, then take away what killed verbs have left."""
    from rockpool.guest import homes, routes, survey

    found = survey.containers()
    routes.restore([str(one["name"]) for one in found if one["owned"] and one["restart"] == "always"])
    homes.sweep()
    return 0


def purge() -> int:
    """Delete what was kept for long enough."""
    import time

    from rockpool.guest import homes

    homes.purge_old(time.time())
    return 0
