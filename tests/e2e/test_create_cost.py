"""What it costs to create a workspace, against a raw `podman run` of the same image in the same machine."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from tests.bed.note import Note
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(5400)]

ROUNDS = 10
MOST_RATIO = 1.3
MOST_PROCESSES = 4
COST = (Path(__file__).parents[1] / "bed/create_cost.py").read_text()


def test_a_create_costs_little_more_than_a_raw_run(own_site: Site, record_property: Note) -> None:
    guest = own_site.guest
    guest.run("tee", "/run/create_cost.py", stdin=COST)
    argv = ("python3", "/run/create_cost.py", str(ROUNDS), "workspace")
    told = json.loads(guest.run(*argv, stdin=f"admin:{own_site.password}", seconds=5000))
    raw, ours = statistics.median(told["raw"]), statistics.median(told["ours"])
    more = statistics.median(told["our_processes"]) - statistics.median(told["raw_processes"])
    record_property("told", json.dumps(told))
    record_property("seconds", f"raw {raw:.2f}, ours {ours:.2f}, {ours / raw:.2f} times")
    record_property("processes more", more)
    assert ours / raw <= MOST_RATIO
    assert more <= MOST_PROCESSES
