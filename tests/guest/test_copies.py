"""A home as a copy of another: who is held still, and what is left when it fails."""

from pathlib import Path

import pytest

from rockpool.guest import copies, homes, locks, namespace, survey, trees
from rockpool.guest.failure import Failure
from tests.guest.conftest import US, Api, inspected, listed

SIZE = 1 << 20


@pytest.fixture
def source(disk: Path, here: list[str], api: Api, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of `demo`, whose container can be paused; copying it is a plain copy."""
    homes.create("demo", US, SIZE)
    (disk / "homes/demo/file").touch()
    monkeypatch.setattr(homes, "refuse_taken", lambda *_, **__: None)  # all users are one here
    monkeypatch.setattr(trees, "copy", lambda _, target: Path(target).mkdir())
    here.clear()
    runs(api, "running")
    return disk / "homes"


def runs(api: Api, state: str) -> None:
    api.containers(listed(State=state))
    api["/v5.0.0/libpod/containers/ws-demo/"] = (204, {})


def entries(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.name != ".lock")


def turned(api: Api) -> list[str]:
    return [line for line in api.asked if line.startswith("POST")]


def copying(monkeypatch: pytest.MonkeyPatch, api: Api, *, becomes: str, error: Exception | None = None) -> None:
    def copy(_source: str, target: str) -> None:
        runs(api, becomes)
        Path(target).mkdir()
        if error:
            raise error

    monkeypatch.setattr(trees, "copy", copy)


def test_who_runs_is_held_still_meanwhile(
    source: Path, api: Api, here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copying(monkeypatch, api, becomes="paused")
    copies.copy("demo", "other", US, SIZE)
    assert turned(api) == ["POST /containers/ws-demo/pause", "POST /containers/ws-demo/unpause"]
    assert entries(source) == [".other.cloned", "demo", "other"]
    assert here == [f"limit other {SIZE}"], "what is copied is limited from the beginning"


def test_who_was_left_paused_goes_on(source: Path, api: Api) -> None:
    runs(api, "paused")
    copies.copy("demo", "other", US, SIZE)
    assert turned(api) == ["POST /containers/ws-demo/unpause"]


def test_who_is_stopped_stays_so(source: Path, api: Api) -> None:
    runs(api, "exited")
    copies.copy("demo", "other", US, SIZE)
    assert turned(api) == []


@pytest.mark.parametrize("error", [Failure("no space left"), OSError("I/O error"), SystemExit(1)])
def test_a_failed_copy_leaves_nothing_and_nobody_paused(
    error: Exception, source: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    copying(monkeypatch, api, becomes="paused", error=error)
    with pytest.raises(type(error)):
        copies.copy("demo", "other", US, SIZE)
    assert turned(api)[-1] == "POST /containers/ws-demo/unpause"
    assert entries(source) == ["demo"]


@pytest.mark.parametrize(("before", "after"), [("exited", "running"), ("running", "running"), ("running", "exited")])
def test_a_copy_of_what_was_not_still_is_thrown_away(
    before: str, after: str, source: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(api, before)
    copying(monkeypatch, api, becomes=after)
    with pytest.raises(Failure, match="not whole"):
        copies.copy("demo", "other", US, SIZE)
    assert entries(source) == ["demo"]


def test_a_copy_of_nothing_is_refused(source: Path) -> None:
    with pytest.raises(Failure, match="nobody has no home"):
        copies.copy("nobody", "other", US, SIZE)


def test_a_copy_that_is_there_is_left_alone(source: Path, api: Api) -> None:
    (source / "other").mkdir()
    copies.copy("demo", "other", US, SIZE)
    assert turned(api) == []


def test_two_containers_of_one_label_are_not_guessed_at(source: Path, api: Api) -> None:
    api.containers(listed(), listed(Names=["ws-second"]))
    with pytest.raises(OSError, match="2 containers"):
        copies.copy("demo", "other", US, SIZE)
    assert entries(source) == ["demo"]


def test_all_others_see_running_who_is_held_still(source: Path, api: Api) -> None:
    about = inspected(State={"Status": "paused"})
    assert survey.described(about)["state"] == "paused"
    with locks.Names("demo"):
        assert survey.described(about)["state"] == "running"


def test_the_namespace_is_entered_for_good_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = []
    monkeypatch.setattr(namespace, "join", lambda: joined.append(1))
    monkeypatch.setattr(namespace.os, "setuid", lambda _: None)
    monkeypatch.setattr(namespace.os, "setgid", lambda _: None)
    monkeypatch.setattr(namespace, "_entered", False)
    namespace.enter()
    namespace.enter()
    assert joined == [1]
    assert namespace.workspace_user(5002) == 5001
    assert namespace.file_owner(5001) == 5002
