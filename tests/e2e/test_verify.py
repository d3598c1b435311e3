"""`host.verify` can fail: each of its checks is green, and red when its thing is broken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable

import pytest

from rockpool.execute.deploy import ROOT
from tests.bed.broken import CHECKS, OF_THE_CONTAINER, REPLACED
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]

SAMPLE = (
    "test_base::test_sshd_takes_keys_only",
    "test_caddy::test_what_runs_is_what_is_wanted",
    "test_control::test_the_database_is_closed_to_others",
    "test_firewall::test_live_rules_are_what_the_file_means",
    "test_podman::test_the_worker_reaches_the_api",
    "test_queue::test_its_files_are_closed",
    "test_routes::test_a_marker_says_that_the_route_is_up",
)


def red(site: Site, checks: Iterable[str]) -> tuple[set[str], set[str]]:
    """Run these checks by `rockpool host verify`; return which were green and which had a red case."""
    wanted = " or ".join("({} and {})".format(*check.split("::")) for check in checks)
    told = site.rockpool("host", "verify", "--", "-rA", "--tb=no", "-k", wanted).stdout
    found = re.findall(r"^(PASSED|FAILED|ERROR) tests/machines/(\w+)\.py::(\w+)", told, re.MULTILINE)
    failed = {f"{file}::{name}" for verdict, file, name in found if verdict != "PASSED"}
    return {f"{file}::{name}" for _, file, name in found} - failed, failed


def test_every_check_has_something_to_break() -> None:
    argv = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "vm", "tests/machines")
    plain = {**os.environ, "PYTEST_ADDOPTS": ""}  # -v, say, would list them another way
    told = subprocess.run(argv, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    found = {"::".join(pair) for pair in re.findall(r"^tests/machines/(\w+)\.py::(\w+)", told, re.MULTILINE)}
    assert found == {*CHECKS, *OF_THE_CONTAINER}


def test_a_sample_of_checks_goes_red(own_site: Site) -> None:
    assert red(own_site, SAMPLE) == (set(SAMPLE), set())
    for check in SAMPLE:
        own_site.guest.sh(CHECKS[check][0])
    assert red(own_site, SAMPLE) == (set(), set(SAMPLE))


@pytest.mark.proof
def test_all_is_green(shared_site: Site) -> None:
    is_green(shared_site)


@pytest.mark.proof
@pytest.mark.parametrize("check", CHECKS)
def test_every_check_goes_red(shared_site: Site, check: str) -> None:
    wrong, right = CHECKS[check]
    shared_site.guest.sh(wrong)
    try:
        assert red(shared_site, [check]) == (set(), {check})
    finally:
        shared_site.guest.sh(right)


@pytest.mark.proof
def test_all_is_green_again(shared_site: Site) -> None:
    is_green(shared_site)


@pytest.mark.proof
def test_checks_of_the_container_go_red(shared_site: Site) -> None:
    shared_site.guest.sh(REPLACED)
    assert red(shared_site, OF_THE_CONTAINER) == (set(), set(OF_THE_CONTAINER))


def is_green(site: Site) -> None:
    done = site.rockpool("host", "verify", "--", "-rA", "--tb=short")
    assert done.returncode == 0, done.stdout
