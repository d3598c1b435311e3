"""What this host last did to a machine and found on it, put into the machine: it can read that and not change it."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path

from rockpool.errors import RockpoolError
from rockpool.execute import files, home, machine, process

INSIDE = "/etc/rockpool/report.json"

_WRITE = 'umask 022; cat > "$1.new" && mv -T -- "$1.new" "$1"'


def deployed(name: str, *, changes: int, seconds: float) -> None:
    """Report a deploy that ended well: how many operations changed something, and the seconds it took."""
    _add(name, "deploy", {"changes": changes, "seconds": round(seconds, 1)})


def drifted(name: str, operations: list[str]) -> None:
    """Report what a deploy would change now, by the names of its operations."""
    _add(name, "drift", {"operations": operations})


def read(name: str) -> dict[str, dict[str, object]]:
    """Return this host's own copy."""
    try:
        found: dict[str, dict[str, object]] = json.loads(_path(name).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _add(name: str, part: str, told: dict[str, object]) -> None:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = json.dumps({**read(name), part: {"at": at, **told}}, indent=1) + "\n"
    _path(name).parent.mkdir(parents=True, exist_ok=True)
    files.write(_path(name), text)
    _put(name, text)


def _put(name: str, text: str) -> None:
    """Bring it into the machine; one that is off gets it the next time."""
    try:
        found, _ = machine.whole(name)
        process.run(machine.ssh_command(found, shlex.join(("sh", "-c", _WRITE, "sh", INSIDE))), stdin=text, seconds=60)
    except RockpoolError:
        return


def _path(name: str) -> Path:
    return home.home() / "hosts" / name / "report.json"
