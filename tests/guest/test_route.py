"""The route's program cannot be steered elsewhere, as far as that goes without namespaces of Podman's."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rockpool.guest import namespace, places, podman, route
from tests.guest.conftest import Api, listed


@pytest.mark.parametrize(
    "text", ["", "demo", "demo.", "demo.80", "demo.99999x", "../a.ide", "a--b.ide", "demo.ide\n", "Demo.ide", "x.ide"]
)
def test_anything_but_an_instance_is_refused(text: str) -> None:
    with pytest.raises(route.Refusal, match=r"not NAME\.ide or NAME\.PORT"):
        route.instance(text)


def test_a_numbered_port_has_to_be_registered(disk: Path) -> None:
    with pytest.raises(route.Refusal, match="not registered"):
        route.instance("demo.5173")
    (disk / "ports/demo.5174").touch()
    (disk / "ports/demo.5173").symlink_to("demo.5174")
    with pytest.raises(route.Refusal, match="not registered"):
        route.instance("demo.5173")
    assert route.instance("demo.5174") == ("demo", "5174")
    assert route.instance("demo.ide") == ("demo", "ide")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([listed(), listed(Id="c2", Names=["ws-second"])], "2 containers are labelled as demo"),
        ([listed("demo-2")], "is not that of demo"),
        ([listed(Names=["ws-demo-2"])], "is not that of demo"),
        ([listed(Names=["ws-demo", "other"])], "is not that of demo"),
        ([listed(Labels=None)], "is not that of demo"),
        ([listed(Labels={"rockpool.workspace": "demo"})], "is not ours"),
        ([listed(State="exited", Pid=0)], "no running container"),
        ([listed(State="running", Pid=1)], "no running container"),
        ([], "no running container"),
    ],
)
def test_a_name_leads_to_its_own_container_or_nowhere(found: list[Any], reason: str, api: Api) -> None:
    api.containers(*found)
    with pytest.raises((podman.Stranger, route.Refusal), match=reason):
        route.running("demo")


@pytest.mark.parametrize("change", [{"Id": "c2"}, {"Pid": 2}])
def test_a_container_that_changes_while_it_is_pinned_is_refused(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = iter([listed(), listed(**change)])
    monkeypatch.setattr(route, "running", lambda _: next(seen))
    with pytest.raises(route.Refusal, match="changed meanwhile"):
        route.pinned("demo")


@pytest.fixture
def network() -> Iterator[int]:
    file = os.open("/proc/self/ns/net", os.O_RDONLY)
    yield file
    os.close(file)


def test_the_machines_own_network_is_refused(network: int) -> None:
    with pytest.raises(route.Refusal, match="the machine's own network"):
        route.refuse_foreign(network)


@pytest.mark.parametrize("owner", [1, 5002, 65534])
def test_a_network_that_its_owner_has_made_is_refused(
    owner: int, network: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "samestat", lambda *_: False)
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: network)
    monkeypatch.setattr(namespace, "owner", lambda _: owner)
    with pytest.raises(route.Refusal, match=f"belongs to its user {owner}"):
        route.refuse_foreign(network)


def test_a_process_that_ended_after_it_was_looked_at_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []
    monkeypatch.setattr(namespace, "join", lambda: None)
    monkeypatch.setattr(route, "refuse_foreign", lambda _: None)
    monkeypatch.setattr(os, "setns", lambda *_: joined.append(1), raising=False)
    monkeypatch.setattr(os, "CLONE_NEWNET", 0, raising=False)
    with subprocess.Popen(["true"]) as child:
        pidfd = os.pidfd_open(child.pid)
        os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
        with pytest.raises(route.Refusal, match="ended meanwhile"):
            route.enter(os.getpid(), pidfd)  # its number is somebody else's by now
        os.close(pidfd)
    assert joined == []
    living = os.pidfd_open(os.getpid())
    route.enter(os.getpid(), living)
    os.close(living)
    assert joined == [1]


def test_this_unit_ends_with_its_own_container(monkeypatch: pytest.MonkeyPatch) -> None:
    tied = []

    class Units:
        def tie(self, *what: str) -> None:
            tied.append(what)

    monkeypatch.setattr(route, "Units", Units)
    route.tie("my-app.5173", "0123456789abcdef" * 4)
    assert tied == [
        (
            "tie.my_app.5173.0123456789abcdef",
            "rockpool-route@my-app.5173.service",
            f"libpod-{'0123456789abcdef' * 4}.scope",
        )
    ]


def test_a_refusal_says_why(capsys: pytest.CaptureFixture[str], api: Api) -> None:
    api.containers()
    with pytest.raises(SystemExit) as ended:
        route.main(["ws-route", "demo.ide"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "ws-route: no way to 'demo.ide': no running container of demo\n"
    assert places.API.endswith("api.sock")


def test_a_pause_process_that_is_not_podmans_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "libpod/tmp").mkdir(parents=True)
    (tmp_path / "libpod/tmp/pause.pid").write_text(str(os.getpid()))
    with pytest.raises(OSError, match="not in a user namespace of ours"):
        namespace.join()
