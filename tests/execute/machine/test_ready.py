"""Readiness as far as it can be tried without a guest that has ssh."""

import socket
import threading

import pytest

from rockpool.errors import DeadlinePassed, StepFailed
from rockpool.execute.machine import await_ready, start
from rockpool.execute.machine.ready import _has_banner
from rockpool.spec import Machine


def test_open_port_without_ssh_behind_it_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert not _has_banner(port, 0.05)
    assert not _has_banner(port, 0.05)


def test_banner_is_seen() -> None:
    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"SSH-2.0-test\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet)
        thread.start()
        assert _has_banner(server.getsockname()[1], 5)
        thread.join(5)


@pytest.mark.vm
def test_guest_that_never_gets_ready_is_told_with_its_log(tiny: Machine) -> None:
    start(tiny.name)
    stages: list[str] = []
    with pytest.raises(DeadlinePassed, match=r"came as far as: the kernel is booting(?s:.*)tiny guest"):
        await_ready(tiny.name, 1.5, stages.append)
    assert stages == ["the kernel is booting"]


@pytest.mark.vm
def test_machine_that_does_not_run_is_told_at_once(tiny: Machine) -> None:
    with pytest.raises(StepFailed, match="has stopped while it booted"):
        await_ready(tiny.name, 60)
