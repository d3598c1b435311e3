"""How much of the machine each unit of ours could do, by systemd's own figure: from 0, nothing, to 10, everything."""

from __future__ import annotations

import re

import pytest

from rockpool.step import Argv
from tests.bed.guest import WORKSPACE_USER, Guest
from tests.bed.note import Note

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(900)]

SYSTEM: Argv = ("systemd-analyze",)
USER: Argv = ("env", "XDG_RUNTIME_DIR=/run/user/900", *WORKSPACE_USER, "systemd-analyze", "--user")
"""The manager of the workspaces' user. What it starts has no more than that user, which the figure does not count."""

BOUNDS: dict[str, tuple[Argv, float]] = {
    "caddy.service": (SYSTEM, 0.5),
    "elasticmq.service": (SYSTEM, 1.2),
    "rockpool-api.service": (SYSTEM, 1.1),
    "rockpool-backup.service": (SYSTEM, 1.6),
    "rockpool-fair.service": (SYSTEM, 0.8),
    "rockpool-firewall.service": (SYSTEM, 1.7),
    "rockpool-grow.service": (SYSTEM, 1.4),
    "rockpool-migrate.service": (SYSTEM, 0.7),
    "rockpool-quota.service": (SYSTEM, 1.5),
    "rockpool-worker.service": (SYSTEM, 1.5),
    "podman.service": (USER, 9.9),
    "podman-restart.service": (USER, 9.9),
    "rockpool-route@demo.ide.service": (USER, 9.9),
    "rockpool-purge.service": (USER, 9.9),
    "rockpool-routes.service": (USER, 9.9),
    "rockpool-wsctl@.service": (USER, 9.9),
}
"""Of each unit, the most that it may show."""


def test_no_unit_may_do_more_than_it_could(vm: Guest, record_property: Note) -> None:
    figures = {unit: figure(vm, analyze, unit) for unit, (analyze, _) in BOUNDS.items()}
    for unit, value in figures.items():
        record_property(unit, value)
    assert {unit: value for unit, value in figures.items() if value > BOUNDS[unit][1]} == {}
    listed = {unit.replace("@demo.ide", "@") for unit in BOUNDS}
    ours = vm.sh("ls /etc/systemd/system /etc/systemd/user | grep '^rockpool-.*[.]service$'").split()
    assert ours
    assert set(ours) <= listed


def figure(vm: Guest, analyze: Argv, unit: str) -> float:
    told = vm.run(*analyze, "security", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert found, told
    return float(found[1])
