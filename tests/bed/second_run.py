"""A deploy that changes nothing, carried out by our connector and by pyinfra's own ssh in turn.

Both run the same deploy with the same operations and facts, each in a process of its own with `-y`, so what differs is
how the target is spoken to. Seconds are of the whole process, Python's start and the login included.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rockpool.execute.deploy import ROOT
from rockpool.execute.home import home
from rockpool.execute.machine.keys import SshAddress

OURS, STOCK = "@remote/bench", "@ssh/bench"
_RUNS = "Running command on @ssh/bench"


@dataclass(kw_only=True)
class Race:
    """One deploy onto one target, twice over: `directory` holds an inventory for each connector."""

    deploy: str
    directory: Path
    totals: dict[str, int] = field(default_factory=dict)

    @classmethod
    def prepared(cls, deploy: str, directory: Path, target: SshAddress, data: Mapping[str, object]) -> Race:
        """Write the inventories. `data` is the target's, beside how ssh reaches it."""
        ssh = {
            "ssh_hostname": target.host, "ssh_port": target.port, "ssh_user": target.user,
            "ssh_key": str(target.key), "ssh_known_hosts_file": str(target.known_hosts),
            "ssh_strict_host_key_checking": "yes", "ssh_config_file": os.devnull,
        }  # fmt: skip
        (directory / "group_data").symlink_to(ROOT / "inventories/group_data")
        for name in (OURS, STOCK):
            text = f"root_vms = [({name!r}, { ({**data, **ssh})!r})]\n"
            _inventory(directory, name).write_text(text)
        return cls(deploy=deploy, directory=directory)

    def converge(self) -> int:
        """Deploy until there is nothing left to do, and return how much the first run changed."""
        first = self._changes(OURS)
        assert self._changes(OURS) == 0
        return first

    def run(self, rounds: int) -> dict[str, Any]:
        """Run both in turn, `rounds` times, and return the figures. Raises AssertionError when anything changes."""
        taken: dict[str, list[float]] = {OURS: [], STOCK: []}
        for _ in range(rounds):
            for name, seconds in taken.items():
                begin = time.monotonic()
                assert self._changes(name) == 0, name
                seconds.append(round(time.monotonic() - begin, 2))
        ours, stock = (statistics.median(seconds) for seconds in taken.values())
        return {
            "operations": self.totals["no_change"],
            "ours": {"round_trips": self._ours_spoken(), "median_s": ours, "seconds": taken[OURS]},
            "stock": {"round_trips": self._stock_spoken(), "median_s": stock, "seconds": taken[STOCK]},
            "ratio": round(ours / stock, 2),
        }

    def _changes(self, name: str) -> int:
        self.totals = json.loads(self._pyinfra(name, "--json").stdout)["results"]["totals"]
        assert self.totals["error"] == 0
        return self.totals["success"]

    def _ours_spoken(self) -> int:
        told = json.loads((home() / "hosts" / OURS.strip("@").replace("/", "-") / "traffic.json").read_text())
        return int(told["round_trips"])

    def _stock_spoken(self) -> int:
        return self._pyinfra(STOCK, "--debug").stderr.count(_RUNS)

    def _pyinfra(self, name: str, *options: str) -> subprocess.CompletedProcess[str]:
        argv = (sys.executable, "-m", "pyinfra", "-y", *options, str(_inventory(self.directory, name)), self.deploy)
        done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stderr[-3000:]
        return done


def _inventory(directory: Path, name: str) -> Path:
    return directory / f"{name.strip('@').replace('/', '-')}.py"
