"""What is reached from inside a workspace, with sudo and without: other workspaces, the machine, the network around it.

All of it in the closed network, as in test_isolation. What is refused has its control: the same address answers without
the firewall, or the same probe gets through from where it may.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from rockpool import names
from rockpool.errors import StepFailed
from rockpool.execute.machine.directory import existing
from rockpool.execute.machine.until import until
from tests.bed import addresses, askers, firewall, git_server
from tests.bed.askers import ALL, INSIDE, SHUT, asker, own_addresses
from tests.bed.firewall import dns, tcp, url
from tests.bed.guest import ROOT, Guest
from tests.bed.namespace import Namespace

pytestmark = [pytest.mark.vm, pytest.mark.proof, pytest.mark.timeout(900)]

IAM = (Path(__file__).parents[1] / "bed/iam.py").read_text()
INNER = 7000
"""Where a workspace serves, inside."""

PUBLISHED = 7001
"""Where a container's port is published on the machine, as none of a workspace ever is."""

LINK_OWN = ("203.0.113.1", "2001:db8:9::1")
"""The machine's own addresses on its link to a neighbour: no container has them too."""

MACHINE = "host.containers.internal"
RESOLVER = tcp("127.0.0.53", 53)


@pytest.fixture(scope="module")
def guest(isolated: Guest, closed: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    firewall.serve(isolated)
    firewall.neighbour(isolated)
    askers.admit(isolated)
    serve = ("python3", "-c", IAM, str(INNER))
    isolated.run(*isolated.podman("exec", "--detach", names.container(SHUT.name), *serve))
    image = names.image_reference("workspace")
    options = ("--userns=nomap", f"--publish={PUBLISHED}:{INNER}", "--entrypoint=python3", image)
    isolated.run(*isolated.podman("run", "--detach", "--name=published", *options, *serve[1:]))
    for who, port in ((asker(isolated, "without sudo"), INNER), (ROOT, PUBLISHED)):
        served = url("127.0.0.1", port)
        if not any(isolated.ask(who, [served])[served].startswith("IAM ") for _ in until(60, 0.5)):
            raise RuntimeError(f"nobody answers at {served}")
    with git_server.serving(closed, tmp_path_factory.mktemp("git")):
        yield isolated


def services(guest: Guest) -> list[str]:
    """Return every port of the machine that is listened on, at every address of it."""
    places = sorted({*own_addresses(guest), "127.0.0.53", "127.0.0.54"})
    return [tcp(place, port) for place in places for port in sorted(firewall.listened(guest))]


def opened(told: dict[str, str]) -> set[str]:
    return {target for target, what in told.items() if what == "open"}


@pytest.mark.parametrize("who", ["its user", "host network"])
def test_beside_a_workspace_no_service_of_the_machine_is_reached(guest: Guest, who: str) -> None:
    targets = services(guest)
    assert guest.ask(asker(guest, who), targets) == {**dict.fromkeys(targets, "refused"), RESOLVER: "open"}
    with firewall.down(guest):
        there = opened(guest.ask(ROOT, targets))
        assert opened(guest.ask(asker(guest, who), targets)) == there
    everywhere = {tcp(place, port) for place in LINK_OWN for port in (22, firewall.PORT)}
    assert there >= {*everywhere, tcp("127.0.0.1", 9324), RESOLVER}


@pytest.mark.parametrize("who", INSIDE)
def test_inside_a_workspace_no_service_of_the_machine_is_reached(guest: Guest, who: str) -> None:
    probe = asker(guest, who)
    # What it has itself leads to itself: its loopback, and the machine's first addresses, which pasta gives to it too.
    own = own_addresses(guest, probe)
    links = {place.partition("%")[2] for place in own}
    others = sorted(place for place in own_addresses(guest) - own if place.partition("%")[2] in links)
    places = [*others, MACHINE]
    assert {*places} >= {*LINK_OWN, MACHINE}
    targets = [tcp(place, port) for place in places for port in sorted(firewall.listened(guest))]
    assert guest.ask(probe, targets) == dict.fromkeys(targets, "refused")
    with firewall.down(guest):
        there = opened(guest.ask(probe, targets))
    assert there >= {tcp(place, port) for place in LINK_OWN for port in (22, firewall.PORT)}
    assert there >= {tcp(MACHINE, port) for port in (22, *range(8080, 8083))}


@pytest.mark.parametrize("who", INSIDE)
def test_no_socket_of_the_machine_is_inside(guest: Guest, who: str) -> None:
    paths = firewall.sockets(guest)
    ours = {names.PODMAN_SOCKET, names.WSCTL_SOCKET, names.route_socket("demo", "ide"), "/run/rockpool/api/api.sock"}
    assert {*paths} >= ours
    targets = [f"unix://{path}" for path in paths]
    assert {f"unix://{path}" for path in ours} <= opened(guest.ask(ROOT, targets))
    assert guest.ask(asker(guest, who), targets) == dict.fromkeys(targets, "not there")


@pytest.mark.parametrize("who", ["with sudo", "its root"])
def test_another_workspace_is_not_reached_by_any_address_or_name(guest: Guest, who: str) -> None:
    shut, probe = asker(guest, "without sudo"), asker(guest, who)
    places = sorted(own_addresses(guest, shut))
    itself = {url(place, INNER): f"IAM {place.partition('%')[0]}" for place in places}
    assert guest.ask(shut, itself) == itself
    assert {"10.0.2.15", "127.0.0.1", "::1"} < {*places}
    called = (SHUT.name, names.container(SHUT.name), f"{SHUT.name}.dns.podman", f"{SHUT.name}.local")
    named = [url(name, INNER) for name in called]
    assert guest.ask(probe, [*itself, *named]) == {
        **dict.fromkeys(itself, "refused"),
        **dict.fromkeys(named, "not there"),
    }
    with firewall.down(guest):
        assert not any(what.startswith("IAM ") for what in guest.ask(probe, [*itself, *named]).values())


@pytest.mark.parametrize("who", ALL)
def test_a_port_that_another_publishes_is_not_reached(guest: Guest, who: str) -> None:
    probe = asker(guest, who)
    targets = [url(place, PUBLISHED) for place in (*LINK_OWN, *([MACHINE] if who in INSIDE else ["127.0.0.1", "::1"]))]
    with firewall.down(guest):
        assert all(what.startswith("IAM ") for what in guest.ask(probe, targets).values())
    assert guest.ask(probe, targets) == dict.fromkeys(targets, "refused")


@pytest.mark.parametrize("who", ALL)
def test_a_datagram_is_refused_too(guest: Guest, who: str) -> None:
    probe = asker(guest, who)
    targets = [dns(address) for address in (*addresses.REFUSED["private 10"], "fd00:77::10", "10.0.2.3")]
    assert opened(guest.ask(probe, targets)) == set()
    assert guest.ask(ROOT, targets) == dict.fromkeys(targets, "open")
    with firewall.down(guest):
        assert guest.ask(probe, targets) == dict.fromkeys(targets, "open")


@pytest.mark.parametrize("who", INSIDE)
def test_a_git_server_of_the_internet_is_cloned_from_and_no_other(guest: Guest, who: str) -> None:
    probe = asker(guest, who)
    place = "/tmp/" + who.replace(" ", "-")
    for server in ("www.test", addresses.PUBLIC4, f"[{addresses.PUBLIC6}]"):
        guest.run(*probe, "git", "clone", "-q", f"git://{server}/repository", place, seconds=60)
        assert guest.run(*probe, "git", "-C", place, "log", "-1", "--format=%s").strip() == git_server.MESSAGE
        guest.run(*probe, "rm", "-r", place)
    private = [tcp(address, git_server.PORT) for rule in addresses.REFUSED.values() for address in rule]
    assert guest.ask(probe, private) == dict.fromkeys(private, "refused")
    assert guest.ask(ROOT, private) == dict.fromkeys(private, "open")


def test_root_is_had_by_sudo_alone(guest: Guest) -> None:
    become = ("sudo", "--non-interactive", "id", "-u")
    assert guest.run(*asker(guest, "with sudo"), *become).strip() == "0"
    with pytest.raises(StepFailed, match="no new privileges"):
        guest.run(*asker(guest, "without sudo"), *become)


def test_nothing_but_ssh_and_the_doors_comes_in(guest: Guest) -> None:
    spec = existing("isolated").spec
    assert spec
    outside = next(forward.host_port for forward in spec.forwards if forward.guest_port == firewall.PORT)
    assert asked(outside) == ""
    guest.run("nft", "insert", "rule", *firewall.TABLE, "input", "tcp", "dport", str(firewall.PORT), "accept")
    try:
        assert asked(outside) == "IAM 10.0.2.15"
    finally:
        firewall.load(guest)


def asked(port: int) -> str:
    """Ask a port of this machine's loopback that leads into the root VM; nothing when nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode().strip()
    except OSError:
        return ""
    finally:
        connection.close()
