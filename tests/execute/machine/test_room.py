"""What is too little, what is merely scarce, and who has a port."""

import os
import socket
from dataclasses import replace

import pytest

from rockpool.errors import HostNotReady
from rockpool.execute.machine import room
from rockpool.execute.machine.directory import directory
from rockpool.spec import GIB, Forward, Machine

SMALL = Machine(name="root", memory=GIB, system=GIB, state=GIB, workspaces=GIB, ssh_port=22950, forwards=())


@pytest.mark.parametrize(
    ("wanted", "total", "available", "verdict"),
    [
        (8, 16, 12, ""),
        (8, 16, 7, "warn"),
        (8, 16, 3, "refuse"),
        (8, 4, 4, "refuse"),
    ],
)
def test_memory(wanted: int, total: int, available: int, verdict: str) -> None:
    assert room.judge_memory(wanted * GIB, total * GIB, available * GIB)[0] == verdict


@pytest.mark.parametrize(
    ("promised", "free", "verdict"),
    [(88, 100, ""), (88, 60, "warn"), (88, 1, "refuse"), (1, 1, ""), (0, 0, "")],
)
def test_sparse_disks_need_room_only_for_what_they_take(promised: int, free: int, verdict: str) -> None:
    assert room.judge_disk(promised * GIB, free * GIB)[0] == verdict


def test_everything_that_lacks_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        spec = replace(SMALL, memory=1024**5, forwards=(Forward(host_port=port, guest_port=80),))
        with pytest.raises(HostNotReady) as caught:
            room.check(directory("root"), spec, ports=True)
    assert "of memory" in caught.value.why
    assert f"port {port} of 127.0.0.1 is in use by" in caught.value.why
    assert f"process {os.getpid()}" in caught.value.why


def test_scarce_memory_is_told_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    _, available = room.memory()
    room.check(directory("root"), replace(SMALL, memory=available + GIB // 4), ports=False)
    assert "note: the machine may use" in capsys.readouterr().err


def test_ports_of_another_network_do_not_matter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        forward = Forward(host_port=holder.getsockname()[1], guest_port=80)
        room.check(directory("root"), replace(SMALL, forwards=(forward,)), ports=False)


def test_free_port_avoids_what_machines_have_and_what_listens() -> None:
    first = room.free_port(())
    with socket.create_server(("127.0.0.1", first)):
        second = room.free_port(())
        third = room.free_port({second})
    assert first < second < third


def test_address_that_cannot_be_bound_is_told() -> None:
    forward = Forward(host_port=22951, guest_port=80, host_address="192.0.2.1")
    assert "port 22951 of 192.0.2.1 cannot be used" in room.taken_ports(replace(SMALL, forwards=(forward,)))
