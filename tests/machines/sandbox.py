"""Runs a probe inside the sandbox of a unit: the unit's own text with another program in it."""

import base64
import re
from typing import Any

# What a probe must not share with the real service: its runtime directory would go when the probe ends.
_DROPPED = re.compile(
    r"^(?:ExecStart|Type|RemainAfterExit|NotifyAccess|Restart|RestartSec|WatchdogSec|RuntimeDirectory\w*|Requires|After|TimeoutStartSec)="
)
NAME = "rockpool-probe.service"
OUTPUT = "/run/rockpool-probe"


def probe(host: Any, unit: str, script: str) -> dict[str, str]:
    """Run a shell script in the sandbox of `unit` and return its lines `NAME VALUE` as a mapping."""
    text = host.file(f"/etc/systemd/system/{unit}").content_string.partition("[Install]")[0]
    lines = [line for line in text.splitlines() if not _DROPPED.match(line)]
    lines += [
        "Type=oneshot",
        f"ExecStart=/bin/sh {OUTPUT}.sh",
        "ExecPaths=/usr",
        f"StandardOutput=truncate:{OUTPUT}.out",
    ]
    _put(host, f"{OUTPUT}.sh", script)
    _put(host, f"/run/systemd/system/{NAME}", "\n".join(lines) + "\n")
    try:
        host.check_output("systemctl daemon-reload")
        host.check_output("systemctl start %s", NAME)
        told = host.file(f"{OUTPUT}.out").content_string
    finally:
        host.run("rm -f %s %s %s", f"{OUTPUT}.sh", f"{OUTPUT}.out", f"/run/systemd/system/{NAME}")
        host.run("systemctl daemon-reload")
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
