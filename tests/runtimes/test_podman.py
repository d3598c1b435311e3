"""The survey of workspaces, read back; each thing that a plan may touch is seen when it changes."""

import json
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest

from rockpool import plan
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, Refused
from rockpool.runtimes.podman import Podman
from rockpool.secret import Secret
from rockpool.spec import GIB, Workspace
from rockpool.step import Run
from tests.bed.workspaces import World, as_wanted

DEMO = Workspace.parse(
    {"name": "demo", "ports": [{"port": 5173}], "repository": "https://git.example/tool", "env": {"TOKEN": "s3cret"}}
)


def there(spec: Workspace = DEMO) -> World:
    world = World()
    world.carry_out(plan.present(spec, None, Podman()))
    return world


def survey(**changes: Any) -> str:
    """Return the survey of a world in which `demo` is as wanted, but for these changes of its container."""
    told = json.loads(there().survey())
    around = {key: changes.pop(key) for key in ("homes", "kept", "routes", "ports") if key in changes}
    row = told["containers"][0]
    labels = {**row["labels"], **changes.pop("labels", {})}
    return json.dumps({**told, **around, "containers": [{**row, "labels": labels, **changes}]})


def explained(told: str, spec: Workspace = DEMO) -> str:
    runtime = Podman().surveyed(told)
    return plan.explain(plan.present(spec, runtime.parse(told).get(spec.name), runtime))


def test_a_world_as_wanted_needs_nothing() -> None:
    assert explained(survey()) == "nothing to do"


# A value that differs, for each field of what is there.
PERTURBED: dict[str, Any] = {
    "state": State.STOPPED,
    "made_as": "other",
    "paused": True,
    "cpus": 1.5,
    "memory": GIB,
    "swap": 8 * GIB,
    "pids": 100,
    "home": False,
    "user": 5007,
    "routes": frozenset({"5173"}),
    "ports": frozenset({3000, 5173}),
    "disk": GIB,
    "layer_disk": 0,
    "cloned": False,
    "foreign": "somebody's",
}


@pytest.mark.parametrize("name", [field.name for field in fields(WorkspaceCurrent) if field.name != "spec"])
def test_each_surveyed_field_that_differs_is_seen(name: str) -> None:
    current = as_wanted(DEMO, Podman())
    assert plan.present(DEMO, current, Podman()) == ()
    with suppress(Damaged, Refused):
        assert plan.present(DEMO, replace(current, **{name: PERTURBED[name]}), Podman()) != ()


# What the control plane keeps or looks up, or what counts only while there is no home yet.
NOT_IN_A_CONTAINER = {"name": "other", "runtime": "stub", "idle_timeout": 60, "home": "copy/demo-2", "branch": "main"}
WISHED: dict[str, Any] = {
    "image": "quay.io/team/tool:1",
    "cpus": 4,
    "memory": GIB,
    "pids": 100,
    "disk": GIB,
    "env": (("TOKEN", "other"),),
    "port": 9000,
    "ports": (),
    "sudo": False,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Workspace) if field.name not in NOT_IN_A_CONTAINER])
def test_each_wish_that_differs_is_carried_out(name: str) -> None:
    if name == "repository":  # which home was cloned from where is nobody's business but its owner's
        spec, now = DEMO, replace(as_wanted(DEMO, Podman()), cloned=False)
    else:
        spec, now = replace(DEMO, **{name: WISHED[name]}), as_wanted(DEMO, Podman())
    assert plan.present(spec, now, Podman()) != ()


@pytest.mark.parametrize("name", NOT_IN_A_CONTAINER)
def test_what_is_not_in_a_container_never_changes_it(name: str) -> None:
    spec = replace(DEMO, **{name: NOT_IN_A_CONTAINER[name]})
    assert plan.present(spec, as_wanted(DEMO, Podman()), Podman()) == ()


@pytest.mark.parametrize(
    ("change", "mended"),
    [
        ({"state": "exited"}, "start workspace demo"),
        ({"state": "created"}, "start workspace demo"),
        ({"state": "initialized"}, "start workspace demo"),
        ({"state": "stopping"}, "start workspace demo"),
        ({"state": "paused"}, "let the processes of demo go on"),
        ({"state": "removing"}, "what was installed in it outside the home is lost"),
        (
            {"state": "torn", "restart": "", **dict.fromkeys(("cpus", "memory", "swap", "pids"), 0), "image": ""},
            "what was installed in it outside the home is lost",
        ),
        ({"state": "unheard of"}, "start workspace demo"),
        ({"restart": "no"}, "let demo come back after a reboot"),
        ({"routes": []}, "wait until demo answers"),
        ({"routes": ["demo.5173", "other.ide"]}, "wait until demo answers"),
        ({"routes": ["demo.ide"]}, "open routes of demo"),
        ({"ports": []}, "open routes of demo"),
        ({"ports": ["demo.3000", "demo.5173"]}, "close ports of demo"),
        ({"memory": GIB}, "change the limits of demo"),
        ({"swap": 8 * GIB}, "change the limits of demo"),
        ({"cpus": 1.5}, "change the limits of demo"),
        ({"pids": 100}, "change the limits of demo"),
        ({"disk": 0}, "limit the disk of demo"),
        (
            {"labels": {"rockpool.user": "x", "rockpool.made-as": ""}},
            "what was installed in it outside the home is lost",
        ),
        ({"labels": {"rockpool.made-as": "other"}}, "what was installed in it outside the home is lost"),
        (
            {"homes": {"demo": {"user": 5007, "disk": 0, "cloned": False}}},
            "what was installed in it outside the home is lost",
        ),
    ],
    ids=str,
)
def test_each_thing_that_differs_is_mended(change: dict[str, Any], mended: str) -> None:
    assert mended in explained(survey(**change))


def test_a_container_that_neither_runs_nor_comes_back_is_stopped() -> None:
    told = survey(state="exited", restart="no", routes=[])
    assert Podman().parse(told)["demo"].state is State.STOPPED
    assert plan.stopped(DEMO, Podman().parse(told)["demo"], Podman().surveyed(told)) == ()


@pytest.mark.parametrize("change", [{"owned": False}, {"labels": {"rockpool.owner": "somebody"}}], ids=str)
def test_a_container_that_is_not_ours_is_foreign(change: dict[str, Any]) -> None:
    assert "ws-demo" in Podman().parse(survey(**change))["demo"].foreign


def test_of_two_containers_that_claim_one_name_the_foreign_one_counts() -> None:
    told = json.loads(survey())
    planted = {**told["containers"][0], "container": "planted", "owned": False}
    for containers in ([planted, *told["containers"]], [*told["containers"], planted]):
        found = Podman().parse(json.dumps({**told, "containers": containers}))
        assert "planted" in found["demo"].foreign


def test_what_is_told_of_a_container_makes_a_row_again() -> None:
    world = there()
    world.registered.add("demo.3000")
    found = Podman().parse(world.survey())["demo"].spec
    assert found is not None
    assert [port.port for port in found.ports] == [3000, 5173]
    assert found.env == (("TOKEN", ""),)
    assert Podman().recall(found).argv[3] == "inspect"
    recalled = Podman().recalled(replace(found, ports=DEMO.ports), '["PATH=/bin", "TOKEN=s3cret"]')
    assert recalled == DEMO
    with pytest.raises(Damaged):
        Podman().recalled(found, "{")


def test_a_label_of_a_later_release_is_no_reason_for_anything() -> None:
    told = survey(labels={"rockpool.spec": "of a later release"})
    assert Podman().parse(told)["demo"].spec is None
    assert explained(told) == "nothing to do"


def test_what_env_holds_is_seen_by_nobody_but_the_container() -> None:
    steps = [step for step in plan.present(DEMO, None, Podman()) if isinstance(step, Run)]
    (told,) = [step.stdin for step in steps if step.stdin is not None]
    assert isinstance(told, Secret)
    assert told.reveal() == "TOKEN=s3cret\n"
    assert "s3cret" not in repr(steps)


def test_a_home_alone_is_something_half_made() -> None:
    told = json.dumps(
        {
            "containers": [],
            "homes": {"demo": {"user": 5003, "disk": 0, "cloned": True}},
            "kept": {},
            "routes": [],
            "ports": [],
        }
    )
    found = Podman().parse(told)["demo"]
    assert (found.state, found.user, found.home, found.cloned) == (State.INCOMPLETE, 5003, True, True)
    assert "--user=5003:5003" in str(plan.present(DEMO, found, Podman().surveyed(told)))


@pytest.mark.parametrize(
    ("taken", "user"),
    [
        ({}, 5001),
        ({"a-1": 5001, "a-2": 5002}, 5003),
        ({"a-1": 5001, "a-3": 5003}, 5002),
        ({"old.17": 5001}, 5002),
    ],
    ids=str,
)
def test_a_workspace_gets_the_lowest_number_that_nobody_has(taken: dict[str, int], user: int) -> None:
    first = plan.present(DEMO, None, Podman(users=taken))[0]
    assert isinstance(first, Run)
    assert first.argv[-1] == f"home create demo {user} {16 * GIB}"


def test_a_limit_beyond_the_disk_is_none() -> None:
    vast = replace(DEMO, disk=64 * GIB)
    found = replace(as_wanted(vast, Podman()), disk=0, layer_disk=0)
    assert plan.present(vast, found, Podman(room=64 * GIB)) == ()
    assert plan.present(vast, found, Podman(room=65 * GIB)) != ()


HALF = '{"containers": [{"name": "demo", "owned": true}], "homes": {}, "kept": {}, "routes": [], "ports": []}'


@pytest.mark.parametrize("told", ["", "[]", "{}", HALF])
def test_a_survey_that_cannot_be_read_is_damaged(told: str) -> None:
    for read in (Podman().parse, Podman().surveyed):
        with pytest.raises(Damaged):
            read(told)


def test_nothing_in_a_spec_becomes_more_than_one_argument() -> None:
    hostile = Workspace(name="demo", image="x'; id #$(id)\n--privileged", repository="--upload-pack=x y")
    steps = [step.argv for step in plan.present(hostile, None, Podman()) if isinstance(step, Run)]
    assert steps[1][-1] == "localhost/rockpool/x'; id #$(id)\n--privileged:latest"
    assert not [argv for argv in steps if "--privileged" in argv or "y" in argv]


def test_one_verb_surveys_all() -> None:
    assert Podman().survey.argv == ("/usr/lib/rockpool/wsctl", "survey")


def test_commands_inside_run_as_the_workspaces_user() -> None:
    assert Podman().enter(DEMO)[-2:] == ("exec", "ws-demo")


def test_homes_that_were_set_aside_are_told_oldest_first() -> None:
    runtime = Podman(users={"b.20": 5001, "demo": 5002, "a.100": 5003})
    assert runtime.kept == ("b.20", "a.100")
    assert runtime.purge("b.20")[0].argv[-1] == "home purge b.20"  # type: ignore[union-attr]
