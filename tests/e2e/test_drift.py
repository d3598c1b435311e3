"""Whatever the deploy manages is changed behind its back: drift names it, the deploy heals it, `host.verify` tells.

What to change comes from the deploy's own operations, so a new kind of operation needs a line here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

import pytest

from deploys.parts.caddy import API_SOCKET
from rockpool.execute import home, process
from rockpool.execute.pyinfra_words import words
from rockpool.operations.disks import unit_name
from rockpool.step import Argv
from tests.bed import fingerprint
from tests.bed.fingerprint import Operation
from tests.bed.note import Note
from tests.bed.own_system import own_system
from tests.bed.site import Site

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]

SAMPLE = (
    "Base: Kernel limits",
    "Base: Timer apt-daily.timer",
    "Base: User rockpool-api",
    "Caddy: Caddy's directory",
    "Firewall: Rules",
    "Podman: Podman's API",
    "Routes: Program wsctl",
)
"""A limit, a unit, a user, a directory, a rule, a socket, a file: what is quick to heal."""

PARTS = ("Base", "Firewall", "Podman", "Release", "Quotas", "Queue", "Caddy", "Routes", "Control plane", "Workspaces")
NOTHING_TO_CHANGE = ("alone.deploy", "machine.reachable")
"""Kinds that hold nothing in the machine."""

LIVE = ("caddy.configuration",)
"""Kinds whose object is in a running process: it is gone, and cannot be changed, where units are stopped."""


def _directory(call: dict) -> Argv:
    return ("chmod", "711" if call.get("mode") != "711" else "700", call["path"])


def _file(call: dict) -> Argv:
    return ("sh", "-c", 'echo >> "$1"', "sh", call["dest"])


def _unit(call: dict) -> Argv:
    return ("touch", call["inputs"][0]) if call.get("inputs") else ("systemctl", "stop", call["unit"])


def _user_unit(call: dict) -> Argv:
    return ("systemctl", "--user", f"--machine={call['user']}@", "stop", call["unit"])


def _package(call: dict) -> Argv:
    # Of ours when it checks some: removing another one would need the network to heal.
    name = call["verify"][0] if call.get("verify") else call["names"][0]
    return ("dpkg", "--force-depends", "--remove", name)


def _certificate(call: dict) -> Argv:
    return ("rm", f"/usr/local/share/ca-certificates/{min(call['certificates'])}")


def _image(call: dict) -> Argv:
    # Only its presence counts, and this one is built soonest.
    assert "elasticmq" in call["images"]
    return ("sh", "-euc", 'rm -r "$1"/elasticmq-*', "sh", str(home.images()))


_DELETE = (
    *("sh", "-euc"),
    'at=http://localhost/api/workspaces/$2; curl -fsS --unix-socket "$1" -X DELETE "$at"; '
    'while curl -fsS -o /dev/null --unix-socket "$1" "$at"; do sleep 1; done',
    "sh",
)

MUTATIONS: dict[str, Callable[[dict], Argv]] = {
    "accounts.system_user": lambda call: ("usermod", "--shell", "/bin/sh", call["user"]),
    "caddy.configuration": lambda _: (
        *("curl", "-fsS", "--unix-socket", "/run/caddy/admin.sock", "-H", "Content-Type: application/json"),
        *("-d", '"7s"', "http://localhost/config/apps/http/grace_period"),
    ),
    "certificates.trusted": _certificate,
    "control.declared": lambda call: (*_DELETE, call["socket"], call["spec"]["name"]),
    "disks.filesystem": lambda call: ("systemctl", "disable", unit_name(call["mountpoint"])),
    "files.config": _file,
    "files.directory": _directory,
    "files.owned": lambda call: ("sh", "-euc", 'chgrp root "$1"/*.lock', "sh", call["path"]),
    "files.link": lambda call: ("ln", "-sfn", "/dev/null", call["path"]),
    "image.present": _image,
    "machine.present": lambda call: ("rm", str(home.machines() / call["spec"]["name"] / "known_hosts")),
    "nftables.ruleset": lambda call: (
        *("nft", "add", "rule", "inet", call["table"], "input", "tcp", "dport", "2222", "accept"),
    ),
    "packages.present": _package,
    "podman.stores": lambda call: _file({"dest": f"{call['home']}/.config/containers/storage.conf"}),
    "releases.present": lambda call: ("sh", "-euc", 'rm "$1"/*/whole', "sh", call["directory"]),
    "secrets.admin": lambda _: ("rm", str(home.secrets() / "admin.json")),
    "sysctl.present": lambda call: ("sysctl", "-qw", f"{min(call['values'])}=128"),
    "tools.present": lambda call: ("dpkg", "--force-depends", "--remove", call["tools"]["qemu-img"]),
    "units.running": _unit,
    "units.user_running": _user_unit,
}
"""By the kind of an operation: what makes its object wrong, from what it was called with."""


@pytest.fixture(scope="module")
def managed() -> tuple[Operation, ...]:
    """Every operation that the deploy has for the root VM and that holds something."""
    return tuple(one for one in fingerprint.operations() if one.kind not in NOTHING_TO_CHANGE and not _is_empty(one))


def _is_empty(operation: Operation) -> bool:
    return operation.kind == "certificates.trusted" and not operation.arguments["certificates"]


def drift(site: Site, within: Argv = ()) -> tuple[int, set[str]]:
    """Return the exit code of `rockpool host drift`, and what it named."""
    done = site.rockpool("host", "drift", "--json", within=within)
    assert done.returncode in (0, 2), done.stderr
    return done.returncode, {row["name"] for row in json.loads(done.stdout)["changes"]}


def check(
    site: Site, wanted: Sequence[Operation], change: Callable[..., object], note: Note, within: Argv = ()
) -> None:
    """Change all of these, see each named, deploy once, and see nothing named."""
    names = set()
    for operation in reversed(wanted):  # later ones stand on earlier ones, and so do the programs that change them
        names.add(words(operation.name))
        change(*MUTATIONS[operation.kind](operation.arguments))
    code, named = drift(site, within)
    assert code == 2
    assert names - named == set(), "changed and not named"
    note("changed and named", len(names))
    note("named besides", ", ".join(sorted(named - names)) or "nothing")
    done = site.rockpool("up", seconds=1800, within=within)
    assert done.returncode == 0, done.stderr
    print(done.stderr, file=sys.stderr)
    assert drift(site, within) == (0, set())


def test_every_kind_of_operation_has_something_to_change(managed: tuple[Operation, ...]) -> None:
    assert {operation.kind for operation in managed} - MUTATIONS.keys() == set()
    assert {words(operation.name).partition(":")[0] for operation in managed} == set(PARTS)


def test_a_sample_of_changes_is_named_and_healed(
    own_site: Site, managed: tuple[Operation, ...], record_property: Note
) -> None:
    wanted = [operation for operation in managed if words(operation.name) in SAMPLE]
    assert len(wanted) == len(SAMPLE)
    check(own_site, wanted, own_site.guest.run, record_property)


@pytest.mark.proof
@pytest.mark.parametrize("part", PARTS)
def test_every_change_is_named_and_healed(
    own_site: Site, managed: tuple[Operation, ...], part: str, record_property: Note
) -> None:
    wanted = [one for one in managed if words(one.name).partition(":")[0] == part]
    for live in (False, True):
        some = [one for one in wanted if (one.kind in LIVE) is live]
        if some:
            check(own_site, some, own_site.guest.run, record_property)


@pytest.mark.proof
def test_a_group_that_was_made_anew_gets_its_state_back(own_site: Site, record_property: Note) -> None:
    guest = own_site.guest
    guest.sh("groupdel --force rockpool-control; groupadd --system --gid 4711 rockpool-control")
    guest.run("systemctl", "restart", "--no-block", "rockpool-api.service")
    health = (
        f"curl -sS --max-time 60 -o /dev/null -w '%{{http_code}}' --unix-socket {API_SOCKET} http://d/healthz || true"
    )
    assert guest.sh(health, seconds=180) != "200", "the control: the database is unreadable"
    code, named = drift(own_site)
    assert (code, "Control plane: Owners of the state" in named) == (2, True)
    record_property("named", ", ".join(sorted(named)))
    done = own_site.rockpool("up", seconds=1800)
    assert done.returncode == 0, done.stderr
    assert guest.sh(health, seconds=180) == "200"
    assert drift(own_site) == (0, set())


@pytest.mark.proof
def test_every_change_of_the_host_is_named_and_healed(own_site: Site, record_property: Note) -> None:
    every = fingerprint.operations("hypervisors")
    wanted = [one for one in every if one.kind not in (*NOTHING_TO_CHANGE, "machine.present")]
    assert len(wanted) == 4
    with own_system(own_site.home / "images") as system:
        check(own_site, wanted, lambda *argv: process.run((*system, *argv)), record_property, system)


@pytest.mark.proof
def test_a_machine_that_nobody_can_reach_is_named_and_healed(own_site: Site, record_property: Note) -> None:
    wanted = [one for one in fingerprint.operations("hypervisors") if one.kind == "machine.present"]
    assert len(wanted) == 1
    check(own_site, wanted, lambda *argv: process.run(argv), record_property)
