"""The firewall that is live, and that the next boot loads. What it lets through is tested in the closed network."""

import json
import re
from typing import Any

import pytest

from rockpool.facts.nftables import Ruleset
from rockpool.facts.script import code

pytestmark = pytest.mark.vm

RULES = "/etc/rockpool/firewall.nft"


def rules(host: Any, chain: str) -> str:
    return str(host.check_output("nft list chain inet rockpool %s", chain))


def test_live_rules_are_what_the_file_means(host: Any) -> None:
    told = host.check_output("sh -c %s nftables rockpool %s", code("nftables"), RULES)
    tables = Ruleset().process(told.splitlines())
    assert len(tables.live) > 30
    assert tables.live == tables.meant


def test_only_ssh_and_the_doors_come_in(host: Any) -> None:
    told = rules(host, "input")
    assert "policy drop" in told
    assert re.findall(r"tcp dport .*", told) == ["tcp dport { 22, 8080, 8081, 8082 } accept"]


def test_nothing_is_forwarded(host: Any) -> None:
    assert "policy drop" in rules(host, "forward")


def test_every_id_of_the_workspaces_is_meant(host: Any) -> None:
    uid = host.user("rockpool-ws").uid
    first, count = map(int, host.check_output("grep ^rockpool-ws: /etc/subuid").split(":")[1:])
    listed = json.loads(host.check_output("nft -j list set inet rockpool workspaces"))
    elements = next(row["set"]["elem"] for row in listed["nftables"] if "set" in row)
    assert elements == [uid, {"range": [first, first + count - 1]}]
    assert "meta skuid @workspaces jump workspace" in rules(host, "output")


def test_rules_are_loaded_before_the_network_and_at_boot(host: Any) -> None:
    assert host.service("rockpool-firewall.service").is_enabled
    assert host.check_output("systemctl is-active rockpool-firewall.service") == "active"
    assert "network-pre.target" in host.check_output("systemctl show --value -p Before rockpool-firewall.service")


def test_workspaces_wait_for_the_rules_and_need_them(host: Any) -> None:
    unit = f"user@{host.user('rockpool-ws').uid}.service"
    assert "rockpool-firewall.service" in host.check_output("systemctl show --value -p After %s", unit)
    assert "@workspaces jump workspace" in host.check_output("systemctl show --value -p ExecStartPre %s", unit)
