"""Wishes: what they write, what they refuse, and that the same wish twice is one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from rockpool.control import events, workspaces
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import HomeRow, WorkspaceRow
from rockpool.control.workspaces import Asker
from rockpool.errors import Conflict, InputError, NotFound
from rockpool.spec import Workspace

BY = Asker(user="ada", request_id="r1")


def spec(name: str = "demo", **values: object) -> Workspace:
    return Workspace.parse({"name": name, **values})


def create(store: Store, name: str = "demo", status: Status = Status.RUNNING, **values: object) -> WorkspaceRow:
    """A workspace as the worker would leave it."""
    with store.writing() as session:
        row = workspaces.create(session, spec(name, **values), BY)
        row.status, row.observed_generation = status, row.generation
    return row


def ask(store: Store, act: Callable[..., WorkspaceRow], *arguments: object, **values: object) -> WorkspaceRow:
    with store.writing() as session:
        return act(session, *arguments, BY, **values)


def wishes(store: Store, name: str = "demo") -> list[tuple[int, str]]:
    with store.reading() as session:
        found = events.after(session, 0, workspace=name)
        assert all(event.request_id == "r1" for event in found)
        return [(event.generation, event.text) for event in found if event.kind == "wish"]


def test_a_create_is_a_row_that_lags_and_an_event(store: Store) -> None:
    row = ask(store, workspaces.create, spec(env={"KEY": "secret"}))
    assert (row.desired, row.status, row.generation, row.observed_generation) == ("running", "creating", 1, 0)
    assert Workspace.parse(row.spec) == spec(env={"KEY": "secret"})
    assert wishes(store) == [(1, "create asked for by ada")]


def test_of_fifty_creates_at_once_one_wins(store: Store) -> None:
    def attempt(_: int) -> bool:
        try:
            ask(store, workspaces.create, spec())
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(50))) == 1
    assert len(wishes(store)) == 1


def test_a_name_by_chance_that_is_taken_gets_another_suffix(store: Store) -> None:
    create(store, "tool-0a1b2")
    row = ask(store, workspaces.create, spec("tool-0a1b2"), rename=True)
    assert row.name.startswith("tool-")
    assert row.name != "tool-0a1b2"


def test_the_thousandth_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "MOST", 1)
    create(store)
    with pytest.raises(Conflict, match="there are 1 workspaces"):
        create(store, "another")


def test_the_same_spec_again_is_no_new_wish(store: Store) -> None:
    create(store, "source")
    create(store, home="copy/source", memory="2g")
    row = ask(store, workspaces.put, spec(memory="2g"))
    assert row.generation == 1
    assert row.spec["home"] == "copy/source"


def test_another_spec_is_a_wish_and_leaves_it_off(store: Store) -> None:
    create(store, status=Status.STOPPED)
    row = ask(store, workspaces.put, spec(memory="2g"))
    assert (row.generation, row.status, row.spec["memory"]) == (2, "stopped", "2g")


def test_putting_one_that_is_not_there_creates_it(store: Store) -> None:
    assert ask(store, workspaces.put, spec()).status == "creating"


def test_the_home_of_one_that_exists_stays(store: Store) -> None:
    create(store, "source")
    create(store)
    with pytest.raises(InputError, match="this one exists"):
        ask(store, workspaces.put, spec(home="copy/source"))


@pytest.mark.parametrize("home", ["copy/absent", "kept/demo.1234567890", "copy/leaving", "kept/old.1234567890"])
def test_a_home_from_nowhere_is_a_fault(store: Store, home: str) -> None:
    create(store, "leaving")
    ask(store, workspaces.delete, "leaving")
    with store.writing() as session:
        session.add(HomeRow(id="old.1234567890", workspace="old", kept_at=1, purge=True))
    with pytest.raises(InputError, match="`home` names no"):
        ask(store, workspaces.create, spec(home=home))


def test_stop_and_start_change_what_is_desired(store: Store) -> None:
    create(store)
    row = ask(store, workspaces.stop, "demo")
    assert (row.desired, row.status, row.generation) == (Desired.STOPPED, "stopping", 2)
    with pytest.raises(Conflict, match="cannot start a workspace that is stopping"):
        ask(store, workspaces.start, "demo")
    assert len(wishes(store)) == 2  # a refused wish leaves nothing


def test_a_wish_after_an_error_begins_anew(store: Store) -> None:
    create(store, status=Status.ERROR)
    with store.writing() as session:
        row = workspaces.get(session, "demo")
        row.reason, row.attempts, row.retry_at = "no room", 5, 10**15
    row = ask(store, workspaces.start, "demo")
    assert (row.reason, row.attempts, row.retry_at) == ("", 0, 0)


def test_a_restart_is_due_until_it_is_observed(store: Store) -> None:
    create(store)
    row = ask(store, workspaces.restart, "demo")
    assert row.restart_generation == row.generation == 2 > row.observed_generation
    assert (row.desired, row.status) == ("running", "starting")


def test_deleting_again_is_the_same_wish_and_a_purge_is_more(store: Store) -> None:
    create(store, status=Status.CREATING)
    assert ask(store, workspaces.delete, "demo").generation == 2
    assert ask(store, workspaces.delete, "demo").generation == 2
    row = ask(store, workspaces.delete, "demo", purge=True)
    assert (row.generation, row.purge, row.desired, row.status) == (3, True, "absent", "deleting")


def test_a_clone_has_the_spec_and_a_copy_of_the_home(store: Store) -> None:
    create(store, memory="2g", env={"KEY": "secret"})
    row = ask(store, workspaces.clone, "demo", "twin")
    assert Workspace.parse(row.spec) == spec("twin", memory="2g", env={"KEY": "secret"}, home="copy/demo")
    assert ask(store, workspaces.clone, "demo", None).name.startswith("workspace-")


def test_what_is_not_made_yet_is_not_cloned(store: Store) -> None:
    create(store, status=Status.CREATING)
    with pytest.raises(Conflict, match="cannot clone"):
        ask(store, workspaces.clone, "demo", "twin")


def test_a_port_is_added_once_and_removed(store: Store) -> None:
    create(store)
    assert ask(store, workspaces.add_port, "demo", 5173, "web").generation == 2
    assert ask(store, workspaces.add_port, "demo", 5173, "web").generation == 2
    assert ask(store, workspaces.add_port, "demo", 5173, "site").spec["ports"] == [{"port": 5173, "label": "site"}]
    assert ask(store, workspaces.remove_port, "demo", 5173).spec["ports"] == []
    with pytest.raises(NotFound, match="no port 5173"):
        ask(store, workspaces.remove_port, "demo", 5173)


def test_a_wrong_port_is_told_by_its_own_fields(store: Store) -> None:
    create(store, ports=[{"port": 3000}])
    with pytest.raises(InputError) as caught:
        ask(store, workspaces.add_port, "demo", 80, "a\nb")
    assert [fault.field for fault in caught.value.faults] == ["label", "port"]


def test_pages_follow_each_other_by_id(store: Store) -> None:
    for name in ("one", "two", "three"):
        create(store, name, repository="https://example.org/team/100%_tool")
    create(store, "four", status=Status.STOPPED, image="quay.io/team/tool")
    with store.reading() as session:
        first = workspaces.page(session, limit=3)
        assert [row.name for row in first] == ["one", "two", "three"]
        assert [row.name for row in workspaces.page(session, limit=3, after=first[-1].id)] == ["four"]
        assert [row.name for row in workspaces.page(session, limit=9, q="100%_t")] == ["one", "two", "three"]
        assert [row.name for row in workspaces.page(session, limit=9, q="0%t")] == []
        assert [row.name for row in workspaces.page(session, limit=9, q="QUAY")] == ["four"]
        assert [row.name for row in workspaces.page(session, limit=9, status="stopped")] == ["four"]


def test_a_kept_home_is_purged_by_a_wish(store: Store) -> None:
    with store.writing() as session:
        session.add(HomeRow(id="demo.1234567890", workspace="demo", kept_at=1))
    for _ in range(2):
        with store.writing() as session:
            workspaces.purge_home(session, "demo.1234567890", BY)
    assert wishes(store) == [(0, "purge of the kept home demo.1234567890 asked for by ada")]


@pytest.mark.parametrize("act", [workspaces.start, workspaces.delete, workspaces.get])
def test_an_unknown_name_is_told(store: Store, act: Callable[..., WorkspaceRow]) -> None:
    with pytest.raises(NotFound, match="no workspace 'absent'"), store.writing() as session:
        act(session, "absent", *([] if act is workspaces.get else [BY]))
