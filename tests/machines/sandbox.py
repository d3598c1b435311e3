"""Runs a probe inside the sandbox of a unit: the unit's own text with another program in it."""

import base64
import re
from typing import Any

# What a probe must not share with the real service: its runtime directory would go when the probe ends.
_DROPPED = re.compile(
    r"^(?:ExecStart|Type|RemainAfterExit|NotifyAccess|Restart|RestartSec|WatchdogSec|RuntimeDirectory\w*|Requires|After|TimeoutStartSec)="
)
PLACE = "/run/rockpool-probe"
NAME = "rockpool-probe-{}"
"""Each unit's probe has a name of its own and is forgotten at its end, so that systemd, which takes seconds to read all
units anew, has none to read again."""


def probe(host: Any, unit: str, script: str) -> dict[str, str]:
    """Run a shell script in the sandbox of `unit` and return its lines `NAME VALUE` as a mapping."""
    name, output = NAME.format(unit), f"{PLACE}.{unit}"
    text = host.file(f"/etc/systemd/system/{unit}").content_string.partition("[Install]")[0]
    lines = ["[Unit]", "CollectMode=inactive-or-failed"]
    lines += [line for line in text.splitlines() if not _DROPPED.match(line)]
    lines += [
        "Type=oneshot",
        f"ExecStart=/bin/sh {output}.sh",
        "ExecPaths=/usr",
        f"StandardOutput=truncate:{output}.out",
    ]
    _put(host, f"{output}.sh", script)
    _put(host, f"/run/systemd/system/{name}", "\n".join(lines) + "\n")
    try:
        host.check_output("systemctl start %s", name)
        told = host.file(f"{output}.out").content_string
    finally:
        host.run("rm -f %s %s %s", f"{output}.sh", f"{output}.out", f"/run/systemd/system/{name}")
    return dict(line.split(" ", 1) for line in told.splitlines())


def _put(host: Any, path: str, content: str) -> None:
    encoded = base64.b64encode(content.encode()).decode()
    host.check_output("printf %%s %s | base64 -d > %s", encoded, path)


def exposure(host: Any, unit: str) -> float:
    """Return the figure of `systemd-analyze security`."""
    told = host.check_output("systemd-analyze security --no-pager %s", unit)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert found, told
    return float(found[1])
