"""The survey of workspaces, read back; each thing that a plan may touch is seen when it changes."""

import json
from typing import Any

import pytest

from rockpool import plan
from rockpool.current import State
from rockpool.errors import Damaged
from rockpool.runtimes.podman import Podman
from rockpool.spec import GIB, Workspace

DEMO = Workspace.parse({"name": "demo"})


def survey(**changes: Any) -> str:
    """Return the survey of a world in which `demo` is as wanted, but for these changes of its container."""
    world = {key: changes.pop(key) for key in ("homes", "kept", "routes") if key in changes}
    labels = {
        "rockpool.owner": "rockpool",
        "rockpool.workspace": "demo",
        "rockpool.port": "8080",
        "rockpool.user": "5001",
        "rockpool.made-as": Podman().made_as(DEMO),
        "rockpool.spec": json.dumps(DEMO.to_data()),
        **changes.pop("labels", {}),
    }
    row = {
        "name": "demo",
        "container": "ws-demo",
        "owned": True,
        "state": "running",
        "image": "f00",
        "labels": labels,
        "restart": "always",
        "memory": 4 * GIB,
        "swap": 4 * GIB,
        "cpus": 2.0,
        "pids": 4096,
    }
    return json.dumps(
        {"containers": [{**row, **changes}], "homes": {"demo": 5001}, "kept": {}, "routes": ["demo.ide"], **world}
    )


def explained(told: str, spec: Workspace = DEMO) -> str:
    runtime = Podman.surveyed(told)
    return plan.explain(plan.present(spec, runtime.parse(told).get(spec.name), runtime))


def test_a_world_as_wanted_needs_nothing() -> None:
    assert explained(survey()) == "nothing to do"


@pytest.mark.parametrize(
    ("change", "mended"),
    [
        ({"state": "exited"}, "start workspace demo"),
        ({"state": "created"}, "start workspace demo"),
        ({"restart": "no"}, "let demo come back after a reboot"),
        ({"routes": []}, "wait until demo answers"),
        ({"routes": ["demo.5173", "other.ide"]}, "wait until demo answers"),
        ({"memory": GIB}, "change the limits of demo"),
        ({"swap": 8 * GIB}, "change the limits of demo"),
        ({"cpus": 1.5}, "change the limits of demo"),
        ({"pids": 100}, "change the limits of demo"),
        ({"homes": {}}, "make the home of demo"),
        ({"labels": {"rockpool.made-as": "other"}}, "what was installed in it outside the home is lost"),
        ({"labels": {"rockpool.spec": "of a later release"}}, "change the limits of demo"),
        ({"homes": {"demo": 5007}}, "what was installed in it outside the home is lost"),
    ],
    ids=str,
)
def test_each_thing_that_differs_is_mended(change: dict[str, Any], mended: str) -> None:
    assert mended in explained(survey(**change))


def test_a_container_that_neither_runs_nor_comes_back_is_stopped() -> None:
    told = survey(state="exited", restart="no", routes=[])
    assert Podman().parse(told)["demo"].state is State.STOPPED
    assert plan.stopped(DEMO, Podman().parse(told)["demo"], Podman.surveyed(told)) == ()


@pytest.mark.parametrize("change", [{"owned": False}, {"labels": {"rockpool.owner": "somebody"}}], ids=str)
def test_a_container_that_is_not_ours_is_foreign(change: dict[str, Any]) -> None:
    assert "ws-demo" in Podman().parse(survey(**change))["demo"].foreign


def test_a_home_alone_is_something_half_made() -> None:
    told = json.dumps({"containers": [], "homes": {"demo": 5003}, "kept": {}, "routes": []})
    found = Podman().parse(told)["demo"]
    assert (found.state, found.user, found.home) == (State.INCOMPLETE, 5003, True)
    assert "home create demo 5003" in str(plan.present(DEMO, found, Podman.surveyed(told)))


@pytest.mark.parametrize(
    ("taken", "user"),
    [
        ({}, 5001),
        ({"a-1": 5001, "a-2": 5002}, 5003),
        ({"a-1": 5001, "a-3": 5003}, 5002),
        ({"old.17": 5001}, 5002),
        ({"demo": 5009, "a-1": 5001}, 5009),
    ],
    ids=str,
)
def test_a_workspace_gets_the_lowest_number_that_nobody_has(taken: dict[str, int], user: int) -> None:
    assert Podman(users=taken).create(DEMO)[0].argv[-1] == f"home create demo {user}"  # type: ignore[union-attr]


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"containers": [{"name": "demo"}], "homes": {}, "routes": []}'])
def test_a_survey_that_cannot_be_read_is_damaged(told: str) -> None:
    with pytest.raises(Damaged):
        Podman().parse(told)


def test_nothing_in_a_spec_becomes_more_than_one_argument() -> None:
    hostile = Workspace(name="demo", image="x'; id #$(id)\n--privileged")
    argv = Podman().create(hostile)[1].argv  # type: ignore[union-attr]
    assert argv[-1] == "localhost/rockpool/x'; id #$(id)\n--privileged:latest"
    assert "--privileged" not in argv


def test_commands_inside_run_as_the_workspaces_user() -> None:
    assert Podman().enter(DEMO)[-2:] == ("exec", "ws-demo")
