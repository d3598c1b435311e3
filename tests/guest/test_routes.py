"""Routes, with a manager that only takes note."""

import socket
from pathlib import Path

import pytest

from rockpool.guest import places, routes
from rockpool.guest.failure import Failure
from tests.guest.conftest import Api

pytestmark = pytest.mark.usefixtures("disk")


class Told:
    """Takes note of what a manager is told, and knows what listens."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.sockets: list[str] = []

    def start(self, *units: str) -> None:
        self.acts.append(f"start {' '.join(units)}")

    def stop(self, *units: str) -> None:
        self.acts.append(f"stop {' '.join(units)}")

    def listening(self, _pattern: str) -> list[str]:
        return self.sockets


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    manager = Told()
    monkeypatch.setattr(routes, "units", lambda: manager)
    return manager


def files(disk: Path) -> list[str]:
    return sorted(f"{place}/{path.name}" for place in ("ports", "routes") for path in (disk / place).iterdir())


def test_a_port_is_registered_with_its_route_and_forgotten_when_it_is_removed(disk: Path, told: Told) -> None:
    routes.start("demo.5173")
    assert files(disk) == ["ports/demo.5173", "routes/demo.5173"]
    routes.stop("demo.5173")
    assert files(disk) == ["ports/demo.5173"]
    routes.remove("demo.5173")
    routes.remove("demo.5173")
    assert files(disk) == []
    close = "stop rockpool-route@demo.5173.socket rockpool-route@demo.5173.service"
    assert told.acts == [close, "start rockpool-route@demo.5173.socket", close, close, close]


@pytest.mark.parametrize(("listens", "has_socket", "closed"), [(True, True, 0), (True, False, 1), (False, True, 1)])
def test_what_was_removed_by_hand_is_closed_whole_before_it_opens(
    disk: Path, told: Told, listens: bool, has_socket: bool, closed: int
) -> None:
    told.sockets = ["rockpool-route@demo.ide.socket"] * listens
    with socket.socket(socket.AF_UNIX) as listening:
        if has_socket:
            listening.bind(str(disk / "routes/demo.ide.sock"))
        routes.start("demo.ide")
    close = "stop rockpool-route@demo.ide.socket rockpool-route@demo.ide.service"
    assert told.acts == [close] * closed + ["start rockpool-route@demo.ide.socket"]


def test_the_ide_needs_no_registration(disk: Path, told: Told) -> None:
    routes.start("demo.ide")
    assert files(disk) == ["routes/demo.ide"]


def test_a_route_is_open_when_it_listens_and_has_both_files(disk: Path, told: Told) -> None:
    told.sockets = ["rockpool-route@demo.ide.socket"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{places.ROUTES}/demo.ide.sock")
        assert routes.opened() == []
        (disk / "routes/demo.ide").touch()
        assert routes.opened() == ["demo.ide"]
    (disk / "routes/demo.ide").unlink()
    (disk / "routes/demo.ide").symlink_to("demo.ide.sock")
    assert routes.opened() == []


def test_after_a_boot_all_that_wanted_workspaces_have_is_opened(disk: Path, told: Told) -> None:
    for port in ("demo.5173", "demo.5174", "other.5173", "demo-2.5173"):
        (disk / "ports" / port).touch()
    (disk / "routes/stale.ide").touch()
    (disk / "routes/stale.ide.sock").touch()
    routes.restore(["demo"])
    assert told.acts[1:] == [
        "start " + " ".join(f"rockpool-route@demo.{port}.socket" for port in ("5173", "5174", "ide"))
    ]
    assert "routes/stale.ide" not in files(disk)


def test_waiting_for_a_route_takes_any_answer_but_a_servers_fault(
    disk: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ANSWERS_WITHIN", 0.05)
    monkeypatch.setattr(routes, "caller_left", lambda _: False)
    (disk / "routes/demo.ide.sock").symlink_to(places.API)
    routes.wait("demo.ide")
    api["/healthz"] = (503, {})
    with pytest.raises(Failure, match="it answers 503"):
        routes.wait("demo.ide")
    monkeypatch.setattr(routes, "caller_left", lambda _: True)
    (disk / "routes/demo.ide.sock").unlink()
    with pytest.raises(Failure, match="No such file"):
        routes.wait("demo.ide")
