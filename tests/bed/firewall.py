"""What the isolation tests do in a machine of the closed network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rockpool.step import Argv
from tests.bed import addresses, ports
from tests.bed.guest import Guest

RULES = "/etc/rockpool/firewall.nft"
TABLE = ("inet", "rockpool")
PORT = ports.SPARE
"""Where a service of the machine listens that is not meant for workspaces."""

LINK = {"4": "203.0.113.9", "6": "2001:db8:9::9"}
"""A neighbour on a link of the machine, with public addresses: no rule about ranges meets it."""


def url(address: str, port: int = 80) -> str:
    """Return the URL of an address."""
    return f"http://{_host(address)}/" if port == 80 else f"http://{_host(address)}:{port}/"


def tcp(address: str, port: int) -> str:
    """Return what asks whether anybody listens there, whatever is spoken."""
    return f"tcp://{_host(address)}:{port}"


def dns(address: str) -> str:
    """Return what asks a name server there, by a datagram."""
    return f"dns://{_host(address)}"


def _host(address: str) -> str:
    return f"[{address.replace('%', '%25')}]" if ":" in address else address


def urls() -> dict[str, str]:
    """Return what each address of the closed network is expected to say, by URL."""
    return {url(address): f"IAM {address}" for address in addresses.ALL}


def refused_urls() -> dict[str, str]:
    """Return those of them that a workspace must not reach, by URL, with the rule that refuses each."""
    return {url(address): rule for rule, listed in addresses.REFUSED.items() for address in listed}


def load(guest: Guest) -> None:
    """Put the rules up, as the unit does at boot."""
    guest.run("nft", "--file", RULES)


def listened(guest: Guest) -> set[int]:
    """Return the TCP ports on which anything of the machine listens, on whatever address."""
    rows = guest.run("ss", "-Htln").splitlines()
    return {int(row.split()[3].rpartition(":")[2]) for row in rows}


def sockets(guest: Guest) -> list[str]:
    """Return the paths of the Unix sockets on which anything of the machine listens."""
    rows = guest.run("ss", "-Hxl").splitlines()
    return sorted({row.split()[4] for row in rows if row.split()[4].startswith("/")})


@contextmanager
def down(guest: Guest) -> Iterator[None]:
    """Have no firewall for the block. Only ever in the closed network: there a packet goes nowhere."""
    guest.run("nft", "delete", "table", *TABLE)
    try:
        yield
    finally:
        load(guest)


@contextmanager
def without(guest: Guest, *rules: str) -> Iterator[None]:
    """Take the rules with these comments away for the block."""
    handles = rules_of(guest)
    for rule in rules:
        _delete(guest, *handles[rule])
    try:
        yield
    finally:
        load(guest)


@contextmanager
def without_line(guest: Guest, chain: str, begin: str) -> Iterator[None]:
    """Take the one rule of a chain that begins like this away for the block."""
    lines = guest.run("nft", "--handle", "list", "chain", *TABLE, chain).splitlines()
    (line,) = (line for line in lines if line.strip().startswith(begin))
    _delete(guest, chain, int(line.rpartition(" # handle ")[2]))
    try:
        yield
    finally:
        load(guest)


def _delete(guest: Guest, chain: str, handle: int) -> None:
    guest.run("nft", "delete", "rule", *TABLE, chain, "handle", str(handle))


def rules_of(guest: Guest) -> Mapping[str, tuple[str, int]]:
    """Return chain and handle of every rule that has a comment."""
    rows = json.loads(guest.run("nft", "-j", "list", "table", *TABLE))["nftables"]
    rules = [row["rule"] for row in rows if "comment" in row.get("rule", {})]
    return {rule["comment"]: (rule["chain"], rule["handle"]) for rule in rules}


def serve(guest: Guest) -> None:
    """Start a service on every address of the machine that answers `IAM <the address asked>`."""
    _serve(guest, "iam-machine", PORT)


def neighbour(guest: Guest) -> None:
    """Put a neighbour on a link of the machine: a namespace with public addresses and one of the link itself."""
    guest.sh(_NEIGHBOUR, LINK["4"], LINK["6"])
    _serve(guest, "iam-neighbour", 80, "nsenter", "--net=/run/netns/neighbour", "--")


def _serve(guest: Guest, unit: str, port: int, *prefix: str) -> None:
    program = Path(__file__).with_name("iam.py").read_text()
    guest.run("tee", f"/run/{unit}.py", stdin=program)
    guest.run("systemd-run", "--quiet", f"--unit={unit}", *prefix, "python3", f"/run/{unit}.py", str(port))
    asked: Argv = (*prefix, "sh", "-c", _LISTENS, "sh", str(port))
    guest.run(*asked)


_LISTENS = 'until [ -n "$(ss -Htln "sport = :$1")" ]; do sleep 0.1; done'

_NEIGHBOUR = """
ip netns add neighbour
ip link add nb0 type veth peer name nb1 netns neighbour
for where in "" "-n neighbour"; do ip $where link set "$([ -z "$where" ] && echo nb0 || echo nb1)" up; done
ip address add "${1%.*}.1/24" dev nb0
ip address add "${2%::*}::1/64" dev nb0 nodad
ip -n neighbour address add "$1/24" dev nb1
ip -n neighbour address add "$2/64" dev nb1 nodad
ip -n neighbour address add fe80::99/64 dev nb1 nodad
"""
