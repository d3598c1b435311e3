"""The survey: what a plan compares."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from rockpool.guest import homes, places, podman, routes, survey
from tests.guest.conftest import LAYER, US, Api, inspected, listed

pytestmark = pytest.mark.usefixtures("disk")


def test_containers_are_described_by_what_they_are_now(api: Api) -> None:
    api.containers(listed(), {"Id": "c2", "Names": ["db"], "Labels": None})
    api["/v5.0.0/libpod/containers/c1/json"] = (200, inspected())
    assert survey.containers() == [
        {
            "name": "demo",
            "container": "ws-demo",
            "owned": True,
            "state": "running",
            "image": "f00",
            "labels": {"rockpool.workspace": "demo", "rockpool.owner": "rockpool", "rockpool.port": "8080"},
            "restart": "always",
            "memory": 4096,
            "swap": 4096,
            "cpus": 1.5,
            "pids": 64,
            "disk": 0,
        }
    ]


def test_a_container_with_our_name_and_no_label_is_not_ours(api: Api) -> None:
    api.containers(listed(Labels=None))
    api["/v5.0.0/libpod/containers/c1/json"] = (200, inspected(Config={}))
    (found,) = survey.containers()
    assert (found["name"], found["owned"]) == ("demo", False)


def test_a_container_without_a_layer_of_ours_is_surveyed_all_the_same(api: Api) -> None:
    api.containers(listed())
    for graph in ({"Data": {"UpperDir": "/etc/diff"}}, {"Data": {}}, {}):
        api["/v5.0.0/libpod/containers/c1/json"] = (200, inspected(GraphDriver=graph))
        assert survey.containers()[0]["disk"] == 0


def test_a_container_that_goes_while_it_is_surveyed_is_not_there(api: Api) -> None:
    api.containers(listed(), listed(Id="c2"))
    api["/v5.0.0/libpod/containers/c1/json"] = (404, {"cause": "no such container"})
    api["/v5.0.0/libpod/containers/c2/json"] = (200, inspected())
    assert [one["container"] for one in survey.containers()] == ["ws-demo"]
    api["/v5.0.0/libpod/containers/c1/json"] = (500, {"cause": "database is locked"})
    with pytest.raises(podman.Refused):
        survey.containers()


def test_a_container_that_a_crash_has_torn_hides_no_other(api: Api) -> None:
    api.containers(listed(), listed("other", Id="c2"))
    why = f'getting graph driver info "c1": readlink {places.LAYERS}: invalid argument'
    api["/v5.0.0/libpod/containers/c1/json"] = (500, {"cause": "invalid argument", "message": why, "response": 500})
    api["/v5.0.0/libpod/containers/c2/json"] = (200, inspected("other"))
    torn, whole = survey.containers()
    assert torn.keys() == whole.keys()
    assert (torn["name"], torn["owned"], torn["state"], torn["restart"]) == ("demo", True, "torn", "")
    assert torn["labels"] == {"rockpool.workspace": "demo", "rockpool.owner": "rockpool", "rockpool.port": "8080"}
    assert (whole["name"], whole["state"]) == ("other", "running")


def test_podmans_refusal_is_a_failure(api: Api) -> None:
    api["/v5.0.0/libpod/containers/json"] = (500, {"cause": "database is locked"})
    with pytest.raises(podman.Refused, match="database is locked"):
        survey.containers()


def test_a_limit_is_what_a_directory_says_of_its_size(
    disk: Path, api: Api, here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"demo": 7, LAYER: 5}
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_blocks=sizes.get(Path(path).name, 9), f_frsize=2))
    monkeypatch.setattr(routes, "opened", lambda: ["demo.ide"])
    (disk / f"containers/overlay/{LAYER}").mkdir()
    (disk / "ports/demo.5173").touch()
    homes.create("demo", US, 14)
    (disk / "kept/old.17").mkdir()
    homes.cloned("demo")
    api.containers(listed())
    api["/v5.0.0/libpod/containers/c1/json"] = (200, inspected())
    told = survey.survey()
    assert [one["disk"] for one in told.pop("containers")] == [10]  # type: ignore[attr-defined]
    assert told == {
        "homes": {"demo": {"user": US, "disk": 14, "cloned": True}},
        "kept": {"old.17": {"user": US}},
        "routes": ["demo.ide"],
        "ports": ["demo.5173"],
        "room": 18,
    }
    del sizes["demo"]
    assert survey.survey()["homes"]["demo"]["disk"] == 0  # type: ignore[index]


def test_places_are_those_that_the_core_knows() -> None:
    from rockpool import names

    fresh = __import__("importlib").util.spec_from_file_location("fresh", places.__file__)
    module = __import__("importlib").util.module_from_spec(fresh)
    fresh.loader.exec_module(module)
    assert (module.API, module.WSCTL, module.ROUTES, module.HOMES) == (
        names.PODMAN_SOCKET,
        names.WSCTL_SOCKET,
        names.ROUTES_DIR,
        names.HOMES_DIR,
    )
