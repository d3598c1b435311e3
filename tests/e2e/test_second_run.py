"""What a deploy costs that changes nothing, against pyinfra's own ssh: into the root VM, and into a native sshd.

A round trip is one command that the target runs and is waited for, or one file; the login is not counted. The native
target tells what the connector costs, because there nothing else takes time. The ratio is told and not asserted: ours
is work, what pyinfra's own ssh takes is mostly waiting, so other work on this machine counts against ours alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from runpy import run_path

import pytest

from rockpool.execute import machine
from rockpool.execute.deploy import ROOT
from tests.bed import fingerprint
from tests.bed.native import native
from tests.bed.note import Note
from tests.bed.second_run import Race
from tests.bed.site import Site

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600)]

MOST_ROUND_TRIPS = 5
KINDS = {"files.config", "files.directory", "files.link", "accounts.system_user"}
"""Operations of the deploy that are at home in a tree."""

LEFT_OUT = {"validate", "linger"}
"""Arguments that ask for programs which the tree does not have; no fact depends on them while all is as wanted."""


@pytest.mark.vm
def test_into_the_root_vm(own_site: Site, tmp_path: Path, record_property: Note) -> None:
    ((_, data),) = run_path(str(ROOT / "inventories/local.py"))["root_vms"]
    target = machine.ssh_address(own_site.name)
    race = Race.prepared("deploys/root_vm.py", tmp_path, target, {**data, "like_this_host": True})
    race.converge()
    figures = race.run(rounds=5)
    record_property("figures", json.dumps(figures))
    assert figures["ours"]["round_trips"] <= MOST_ROUND_TRIPS
    assert figures["ours"]["round_trips"] * 10 <= figures["stock"]["round_trips"]
    assert figures["ratio"] < 1


def test_into_a_native_sshd(bed: Path, tmp_path: Path, record_property: Note) -> None:
    managed = fingerprint.operations()
    rows = [
        {
            "name": operation.name,
            "kind": operation.kind,
            "arguments": {key: value for key, value in operation.arguments.items() if key not in LEFT_OUT},
        }
        for operation in managed
        if operation.kind in KINDS
    ]
    listed = tmp_path / "operations.json"
    listed.write_text(json.dumps(rows))
    (tmp_path / "native").mkdir()
    (tmp_path / "race").mkdir()
    with native(tmp_path / "native") as target:
        race = Race.prepared("tests/bed/tree_deploy.py", tmp_path / "race", target, {"operations": str(listed)})
        changed = race.converge()
        figures = race.run(rounds=9)
    record_property("figures", json.dumps({**figures, "first_run_changed": changed, "of": len(managed)}))
    assert figures["operations"] == len(rows)
    assert figures["ours"]["round_trips"] <= MOST_ROUND_TRIPS
    assert figures["ours"]["round_trips"] * 10 <= figures["stock"]["round_trips"]
    assert figures["ratio"] < 1
