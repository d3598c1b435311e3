"""Runs inside a machine as root: the memory of each part of Rockpool, its share of shared pages included (PSS).

Prints one JSON object: part → bytes. A workspace's parts are named `workspace NAME`; `pasta`, `conmon` and `route` are
what the running ones need beside their containers.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

SERVICES = {"rockpool-api", "rockpool-worker", "caddy", "elasticmq", "rockpool-wsctl", "podman"}
BESIDE = {"pasta": "pasta", "pasta.avx2": "pasta", "conmon": "conmon"}


def part(process: Path, containers: dict[str, str]) -> str:
    """Return which part a process belongs to, empty for none of ours."""
    unit = (process / "cgroup").read_text()
    beside = BESIDE.get((process / "comm").read_text().strip())
    if beside:
        return beside
    if "rockpool-route@" in unit:
        return "route"
    if found := re.search(r"libpod-([0-9a-f]{64})\.scope", unit):
        return f"workspace {containers[found[1]]}"
    named = re.findall(r"/([a-z-]+)\.service", unit)
    return next((name for name in named if name in SERVICES), "")


def pss(process: Path) -> int:
    """Return its share of memory in bytes; a process of the kernel has none."""
    found = re.search(r"^Pss:\s+(\d+) kB", (process / "smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def main() -> None:
    """Add up what every process has. The arguments are ID=NAME for each container."""
    containers = dict(word.split("=") for word in sys.argv[1:])
    found: Counter[str] = Counter()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = part(process, containers)
            if name:
                found[name] += pss(process)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    print(json.dumps(found))


main()
