"""Specs: read once, every fault at once, and back again."""

import pytest

from rockpool.errors import InputError
from rockpool.spec import GIB, MIB, Forward, Machine, Workspace, format_size, parse_size


@pytest.mark.parametrize(("text", "size"), [("512m", 512 * MIB), ("8g", 8 * GIB), ("1t", 1024 * GIB)])
def test_a_size_reads_and_writes_the_same(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert format_size(size) == text


@pytest.mark.parametrize("text", ["", "8", "0g", "-1g", "8G", "8gb", "1.5g", " 8g", "8g\n"])
def test_a_size_needs_a_whole_number_and_a_unit(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        parse_size(text)


def test_a_size_of_odd_bytes_has_no_text() -> None:
    with pytest.raises(ValueError, match="MiB"):
        format_size(MIB + 1)


def test_a_machine_survives_the_way_through_plain_data() -> None:
    machine = Machine(name="lab", memory=2 * GIB, forwards=(Forward(host_port=18080, guest_port=8080),))
    assert Machine.parse(machine.to_data()) == machine


def test_a_machine_tells_all_its_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Machine.parse(
            {
                "name": "-x",
                "cpus": 0,
                "memory": "lots",
                "system": 7,
                "colour": "red",
                "ssh_port": True,
                "image": None,
                "forwards": [
                    {"host_port": 99999, "guest_port": 80, "host_address": "0.0.0.0"},
                    {"host_port": 8080, "guest_port": 8080},
                    {"host_port": 8080, "guest_port": "x", "protocol": "udp"},
                ],
            }
        )
    assert [fault.field for fault in caught.value.faults] == [
        "colour",
        "cpus",
        "forwards",
        "forwards[0].host_address",
        "forwards[0].host_port",
        "forwards[2].guest_port",
        "forwards[2].protocol",
        "image",
        "memory",
        "name",
        "ssh_port",
        "system",
    ]


def test_forwards_must_be_a_list_of_mappings() -> None:
    with pytest.raises(InputError, match="list of mappings"):
        Machine.parse({"name": "lab", "forwards": "8080:8080"})


def test_a_size_out_of_range_says_the_range() -> None:
    with pytest.raises(InputError, match="from 512m to 1t, not 8m"):
        Machine.parse({"name": "lab", "memory": "8m"})


def test_a_workspace_survives_the_way_through_plain_data() -> None:
    workspace = Workspace(name="demo", memory=512 * MIB, sudo=False)
    assert Workspace.parse(workspace.to_data()) == workspace


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "%2e%2e",
        "A",
        "-x",
        "x-",
        "ab",
        "a" * 64,
        "a--b",
        "демо",
        "demo\n",
        "port",
        "api",
        "1demo",
        "a_b",
        "a b",
    ],
)
def test_a_bad_workspace_name_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        Workspace.parse({"name": name})
    assert [fault.field for fault in caught.value.faults] == ["name"]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my-app-2"])
def test_a_good_workspace_name_is_taken(name: str) -> None:
    assert Workspace.parse({"name": name}).name == name


def test_a_workspace_tells_all_its_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Workspace.parse({"name": "demo", "port": 80, "memory": "0", "sudo": "yes", "image": "'; id #", "pids": 1})
    assert [fault.field for fault in caught.value.faults] == ["image", "memory", "pids", "port", "sudo"]
