"""The quota service: what it is told, and where it does not go."""

import os
import socket
import threading
from pathlib import Path

import pytest

from rockpool.guest import podman, quota, xfs
from rockpool.guest.failure import Failure
from tests.guest.conftest import LAYER, US, Api, inspected, listed

SIZE = 1 << 20


@pytest.fixture
def asked(disk: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A disk with a home and a container's layer; what the file system is asked for."""
    told: list[str] = []
    monkeypatch.setattr(xfs, "set_limit", lambda _, project, size: told.append(f"limit {project} {size}"))
    monkeypatch.setattr(xfs, "mark", lambda tree, project: told.append(f"mark {where(tree, disk)} {project}"))
    (disk / "homes/demo").mkdir()
    (disk / f"containers/overlay/{LAYER}").mkdir()
    for name in ("link", "lower"):
        (disk / f"containers/overlay/{LAYER}" / name).write_text("l/X")
    monkeypatch.setattr(quota.places, "SUBORDINATE", os.getuid() - US)
    api.containers(listed())
    api["/v5.0.0/libpod/containers/c1/json"] = (200, inspected())
    return told


@pytest.fixture
def layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a layer that belongs to whoever runs this test be a container's."""
    monkeypatch.setattr(quota.Disk, "layer", lambda disk, layer: disk.directory("containers", "overlay", layer))


def where(tree: int, disk: Path) -> str:
    return str(Path(f"/proc/self/fd/{tree}").readlink().relative_to(disk))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "limit demo",
        "limit demo 0",
        "limit demo -1",
        "limit demo 99999999999999999999",
        "limit ../demo 4096",
        "limit .demo.new 4096",
        "limit /etc 4096",
        "limit demo 4096 5002",
        "forget demo",
        "mark / 0",
    ],
)
def test_anything_but_a_verb_is_refused(line: str, asked: list[str]) -> None:
    with pytest.raises(Failure, match="not a verb"):
        quota.do(line)
    assert asked == []


def test_home_and_layer_count_together_once_there_is_a_limit(asked: list[str], layers: None) -> None:
    quota.do(f"limit demo {SIZE - 1}")
    assert asked == [f"limit {US} {SIZE}", f"mark homes/demo {US}", f"mark containers/overlay/{LAYER} {US}"]


def test_what_leads_from_a_layer_to_its_image_is_on_the_disk_then(
    asked: list[str], layers: None, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: asked.append(f"sync {where(file, disk)}"))
    quota.do(f"limit demo {SIZE}")
    assert asked[-2:] == [f"sync containers/overlay/{LAYER}/{name}" for name in ("link", "lower")]


def test_a_home_that_is_being_made_is_limited_already(asked: list[str], disk: Path, api: Api) -> None:
    (disk / "homes/demo").rename(disk / "homes/.demo.new")
    api.containers()
    quota.do(f"limit demo {SIZE}")
    assert asked == [f"limit {US} {SIZE}", f"mark homes/.demo.new {US}"]


def test_no_link_is_followed(asked: list[str], disk: Path, layers: None) -> None:
    (disk / "homes/demo").rename(disk / "elsewhere")
    (disk / "homes/demo").symlink_to(disk / "elsewhere")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        quota.do(f"limit demo {SIZE}")
    assert asked == []
    (disk / "homes/demo").unlink()
    (disk / "elsewhere").rename(disk / "homes/demo")
    (disk / f"containers/overlay/{LAYER}").rename(disk / "layer")
    (disk / f"containers/overlay/{LAYER}").symlink_to(disk / "kept")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        quota.do(f"limit demo {SIZE}")
    assert not [line for line in asked if "overlay" in line or "kept" in line]


@pytest.mark.parametrize(
    "upper",
    [
        "/etc/diff",
        "{layers}/../../homes/demo/diff",
        "{layers}/abc/diff",
        "{layers}/" + "AB" * 32 + "/diff",
        "{layers}/" + LAYER,
        "",
    ],
)
def test_a_layer_that_lies_elsewhere_is_refused(upper: str, asked: list[str], api: Api, disk: Path) -> None:
    about = inspected(GraphDriver={"Data": {"UpperDir": upper.format(layers=disk / "containers/overlay")}})
    api["/v5.0.0/libpod/containers/c1/json"] = (200, about)
    with pytest.raises(podman.Stranger, match="does not lie below"):
        quota.do(f"limit demo {SIZE}")
    assert asked == []


@pytest.mark.parametrize(
    "found",
    [[listed(), listed(Id="c2")], [listed("demo-2")], [listed(Names=["ws-demo-2"])], [listed(Labels={})]],
)
def test_a_name_leads_to_its_own_container_or_nowhere(found: list[dict], asked: list[str], api: Api) -> None:
    api.containers(*found)
    with pytest.raises(podman.Stranger):
        quota.do(f"limit demo {SIZE}")
    assert asked == []


def test_a_layer_of_nobodys_container_is_refused(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match="does not belong to a container"):
        quota.do(f"limit demo {SIZE}")


def test_a_home_of_no_workspace_user_is_refused(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota.places, "SUBORDINATE", os.getuid())
    with pytest.raises(Failure, match="nobody who runs a workspace"):
        quota.do(f"limit demo {SIZE}")
    assert asked == []


def test_another_disk_is_not_entered(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with quota.Disk() as disk:
        os.close(disk.root)
        disk.root = disk._open[0] = os.open("/", os.O_RDONLY)
        with pytest.raises(Failure, match="another disk"):
            disk.directory("proc")


def test_limits_of_users_without_a_home_are_dropped(
    asked: list[str], disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xfs, "limited", lambda *_: [US, US + 1, 70_000])
    quota.do("forget")
    assert asked == [f"limit {US + 1} 0"]


def test_everybody_is_answered_until_nobody_has_asked_for_a_while(
    asked: list[str], layers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "IDLE", 0.05)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "q"))
        listener.listen()
        two = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        for connection in two:
            connection.connect(str(tmp_path / "q"))
        thread = threading.Thread(target=quota.serve, args=(listener,))
        thread.start()
        for connection in reversed(two):
            connection.sendall(f"limit demo {SIZE}\n".encode())
            assert connection.recv(100) == b"ok\n"
            connection.sendall(b"limit nobody 4096\n")
            assert connection.recv(100).startswith(b"error ")
        two[0].sendall(b"\xff\n")
        assert two[0].recv(100) == b""
        two[1].sendall(b"limit")
        assert two[1].recv(100) == b""
        thread.join(10)
        assert not thread.is_alive()
        for connection in two:
            connection.close()
