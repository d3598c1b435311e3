"""The route's program, as far as it goes without namespaces of Podman's."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rockpool.guest import route


@pytest.fixture(autouse=True)
def ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(route, "PORTS", str(tmp_path))
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], act: Any) -> str:
    with pytest.raises(SystemExit) as ended:
        act()
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "demo", "demo.", "demo.80", "demo.99999x", "../a.ide", "a--b.ide", "demo.ide\n", "Demo.ide", "x.ide"]
)
def test_anything_but_an_instance_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not NAME.ide or NAME.PORT" in refused(capsys, lambda: route.instance(text))


def test_a_numbered_port_has_to_be_registered(ports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not registered" in refused(capsys, lambda: route.instance("demo.5173"))
    (ports / "demo.5173").touch()
    assert route.instance("demo.5173") == ("demo", "5173")
    assert route.instance("demo.ide") == ("demo", "ide")


@pytest.mark.parametrize("found", [[], [{"Id": "a", "Pid": 1}, {"Id": "b", "Pid": 2}]])
def test_a_name_leads_to_exactly_one_container(
    found: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(route, "get", lambda _: json.dumps(found).encode())
    assert "expected one" in refused(capsys, lambda: route.running("demo"))


def test_a_container_that_changes_while_it_is_pinned_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = iter([{"Id": "a", "Pid": os.getpid()}, {"Id": "b", "Pid": os.getpid()}])
    monkeypatch.setattr(route, "running", lambda _: next(seen))
    assert "changed meanwhile" in refused(capsys, lambda: route.pinned("demo"))


def test_the_machines_own_network_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        assert "the machine's own network" in refused(capsys, lambda: route.refuse_foreign(namespace))
    finally:
        os.close(namespace)


def test_a_pinned_process_is_seen_to_end() -> None:
    with subprocess.Popen(["true"]) as child:
        pidfd = os.pidfd_open(child.pid)
        try:
            os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
            assert not route.alive(pidfd)
        finally:
            os.close(pidfd)
