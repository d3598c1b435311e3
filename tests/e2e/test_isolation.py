"""What a workspace reaches: the internet, and nothing else.

All of it runs in a network with no way out, where every address that a rule refuses has somebody who answers: so a rule
that fails leaks nowhere, and each refusal has its counterpart that gets through.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed import addresses, askers, firewall
from tests.bed.askers import ALL, asker
from tests.bed.firewall import PORT, url
from tests.bed.guest import ROOT, SUBORDINATE, WORKSPACE_USER, Guest

pytestmark = [pytest.mark.vm, pytest.mark.timeout(600)]

ON_LINK = [url(firewall.LINK["4"]), url(firewall.LINK["6"]), url("fe80::99%nb0")]
HOST4, HOST6 = url("10.0.2.2"), url(addresses.HOST6)
PREFIX_HOST = url("2001:db8:5::2")
"""The loopback of QEMU's side, under a public prefix."""

INTERNET = {**{url(address): f"IAM {address}" for address in addresses.PUBLIC}, "http://www.test/": "IAM 2001:db8::10"}

LINK_RULES = {
    "on our link, IPv4": {ON_LINK[0]: "IAM 203.0.113.9"},
    "on our link, IPv6": {ON_LINK[1]: "IAM 2001:db8:9::9", PREFIX_HOST: "IAM ::1"},
}
LOCAL_RULES = ("this machine, broadcast, multicast", "on our link, IPv4")
HOST_RULES = {
    "the host, 10.0.2.0/24": {HOST4: "IAM 127.0.0.1"},
    "the host, fec0::/64": {HOST6: f"IAM {addresses.HOST6}"},
}
INPUT_RULE = "refused"
"""It only counts what the policy drops."""


@pytest.fixture(scope="module")
def guest(isolated: Guest) -> Iterator[Guest]:
    firewall.serve(isolated)
    firewall.neighbour(isolated)
    askers.admit(isolated)
    return isolated


def test_without_the_firewall_everything_answers(guest: Guest) -> None:
    local = {url("127.0.0.1", PORT): "IAM 127.0.0.1", url("::1", PORT): "IAM ::1"}
    link = dict(zip(ON_LINK, ("IAM 203.0.113.9", "IAM 2001:db8:9::9", "IAM fe80::99"), strict=True))
    host = {HOST4: "IAM 127.0.0.1", HOST6: f"IAM {addresses.HOST6}", PREFIX_HOST: "IAM ::1"}
    expected = {**firewall.urls(), **INTERNET, **host}
    with firewall.down(guest):
        assert guest.ask(guest.workspace, expected) == expected
        assert guest.ask(asker(guest, "without sudo"), expected) == expected
        whole = {**expected, **local, **link}
        assert guest.ask(SUBORDINATE, whole) == whole
        machine = url("host.containers.internal", PORT)
        assert guest.ask(guest.workspace, [machine])[machine].startswith("IAM ")


@pytest.mark.parametrize("who", ALL)
def test_a_workspace_reaches_the_internet_and_nothing_else(guest: Guest, who: str) -> None:
    refused = [*firewall.refused_urls(), HOST4, HOST6, PREFIX_HOST]
    told = guest.ask(asker(guest, who), [*INTERNET, *refused])
    assert told == {**INTERNET, **dict.fromkeys(refused, "refused")}


def test_a_workspace_reaches_no_service_of_its_machine(guest: Guest) -> None:
    local = [url(address, PORT) for address in ("127.0.0.1", "127.0.0.53", "10.0.2.15", "::1")]
    told = guest.ask(SUBORDINATE, local)
    assert told == dict.fromkeys(local, "refused")
    inside = [url("host.containers.internal", PORT), url("10.0.2.3", 53)]
    assert guest.ask(guest.workspace, inside) == dict.fromkeys(inside, "refused")


def test_a_workspace_reaches_no_neighbour_on_a_link(guest: Guest) -> None:
    assert guest.ask(SUBORDINATE, ON_LINK) == dict.fromkeys(ON_LINK, "refused")
    assert guest.ask(ROOT, ON_LINK[:2]) == {ON_LINK[0]: "IAM 203.0.113.9", ON_LINK[1]: "IAM 2001:db8:9::9"}


def test_other_users_are_refused_the_hosts_loopback_alone(guest: Guest) -> None:
    told = guest.ask(ROOT, [*firewall.urls(), HOST4, HOST6])
    assert told == {**firewall.urls(), HOST4: "refused", HOST6: "refused"}


def test_a_rule_that_is_gone_shows(guest: Guest) -> None:
    with firewall.without(guest, "link-local and metadata"):
        assert guest.ask(SUBORDINATE, [url("169.254.169.254")]) == {url("169.254.169.254"): "IAM 169.254.169.254"}


def test_each_rule_that_refuses_is_deleted_by_a_test(guest: Guest) -> None:
    deleted = {*addresses.REFUSED, *LINK_RULES, *LOCAL_RULES, *HOST_RULES}
    assert {*firewall.rules_of(guest)} == {*deleted, INPUT_RULE}


@pytest.mark.proof
@pytest.mark.parametrize("rule", addresses.REFUSED)
def test_each_rule_refuses_what_no_other_does(guest: Guest, rule: str) -> None:
    others = [other for other, refusing in firewall.refused_urls().items() if refusing != rule]
    opened = {url(address): f"IAM {address}" for address in addresses.REFUSED[rule]}
    with firewall.without(guest, rule):
        told = guest.ask(guest.workspace, [*opened, *others])
    assert told == {**opened, **dict.fromkeys(others, "refused")}


@pytest.mark.proof
@pytest.mark.parametrize(("rule", "opened"), LINK_RULES.items())
def test_each_rule_of_the_link_refuses_what_no_other_does(guest: Guest, rule: str, opened: dict[str, str]) -> None:
    with firewall.without(guest, rule):
        assert guest.ask(SUBORDINATE, opened) == opened


@pytest.mark.proof
def test_services_of_the_machine_are_refused_by_two_rules_each(guest: Guest) -> None:
    local = url("127.0.0.1", PORT)
    for rule in LOCAL_RULES:
        with firewall.without(guest, rule):
            assert guest.ask(SUBORDINATE, [local]) == {local: "refused"}
    with firewall.without(guest, *LOCAL_RULES):
        assert guest.ask(SUBORDINATE, [local]) == {local: "IAM 127.0.0.1"}


@pytest.mark.proof
@pytest.mark.parametrize(("rule", "opened"), HOST_RULES.items())
def test_the_hosts_loopback_is_refused_by_its_own_rule(guest: Guest, rule: str, opened: dict[str, str]) -> None:
    with firewall.without(guest, rule):
        assert guest.ask(ROOT, opened) == opened


@pytest.mark.proof
@pytest.mark.parametrize(
    ("chain", "rule", "who", "target", "told"),
    [
        ("output", "meta skuid @workspaces", "with sudo", url("10.66.0.10"), "IAM 10.66.0.10"),
        ("output", "jump host", "root", HOST4, "IAM 127.0.0.1"),
        ("workspace", "ip daddr 127.0.0.53", "with sudo", "http://www.test/", "not there"),
        ("workspace", "update @hops4", "with sudo", url(addresses.PUBLIC4), "refused"),
        ("workspace", "update @hops6", "with sudo", url(addresses.PUBLIC6), "refused"),
        ("refuse", "counter", "host network", firewall.dns("10.66.0.10"), "open"),
    ],
)
def test_each_rule_that_leads_on_has_its_use(
    guest: Guest, chain: str, rule: str, who: str, target: str, told: str
) -> None:
    probe = ROOT if who == "root" else asker(guest, who)
    assert guest.ask(probe, [target]) != {target: told}
    with firewall.without_line(guest, chain, rule):
        assert guest.ask(probe, [target]) == {target: told}


@pytest.mark.proof
def test_the_subordinate_ids_count_as_workspaces(guest: Guest) -> None:
    guest.run("nft", "delete", "element", *firewall.TABLE, "workspaces", "{ 100000-165535 }")
    try:
        assert guest.ask(SUBORDINATE, [url("10.66.0.10")]) == {url("10.66.0.10"): "IAM 10.66.0.10"}
        assert guest.ask(WORKSPACE_USER, [url("10.66.0.10")]) == {url("10.66.0.10"): "refused"}
    finally:
        firewall.load(guest)


@pytest.mark.proof
def test_a_full_set_of_hops_lets_nobody_through(guest: Guest) -> None:
    with firewall.without(guest):
        guest.sh('nft list table inet rockpool | sed "s/size 65535/size 1/" >/run/small.nft')
        guest.sh("{ echo 'delete table inet rockpool'; cat /run/small.nft; } | nft --file -")
        guest.ask(SUBORDINATE, [url(firewall.LINK["4"])])
        assert guest.ask(SUBORDINATE, [ON_LINK[0], url(addresses.PUBLIC4)]) == {
            ON_LINK[0]: "refused",
            url(addresses.PUBLIC4): "refused",
        }
