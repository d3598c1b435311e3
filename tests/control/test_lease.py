"""A row has one worker: by its lease, which ends, is renewed, and is never believed for long."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from rockpool.control import clock, workspaces
from rockpool.control.lease import Leases, Lost
from rockpool.control.states import Desired, Status
from rockpool.control.store import Store
from rockpool.control.tables import WorkspaceRow
from rockpool.spec import Workspace
from tests.control.world import BY, wish


@pytest.fixture
def leases(store: Store) -> Iterator[Leases]:
    for name in ("one", "two", "three", "four"):
        wish(store, lambda session, name=name: workspaces.create(session, Workspace(name=name), BY))  # type: ignore[misc]
    return Leases(store, starting=3)


def change(store: Store, name: str, **values: object) -> None:
    with store.writing() as session:
        row = session.scalars(select(WorkspaceRow).where(WorkspaceRow.name == name)).one()
        for key, value in values.items():
            setattr(row, key, value)


def claimed(leases: Leases, *suspects: str) -> str:
    held = leases.claim(suspects)
    return held.name if held else ""


def test_three_are_started_at_once_by_all_workers_and_others_do_not_wait_for_them(leases: Leases, store: Store) -> None:
    other = Leases(store, starting=3)
    assert [claimed(leases), claimed(other), claimed(leases), claimed(other)] == ["one", "two", "three", ""]
    change(store, "four", desired=Desired.ABSENT, status=Status.DELETING)
    assert claimed(other) == "four"


def test_what_is_at_rest_is_claimed_only_when_it_is_suspected(leases: Leases, store: Store) -> None:
    for name in ("one", "two", "three", "four"):
        change(store, name, observed_generation=1, status=Status.RUNNING)
    assert claimed(leases) == ""
    assert claimed(leases, "two", "gone") == "two"
    change(store, "one", status=Status.ERROR, retry_at=clock.now() + 10**6)
    assert claimed(leases, "one") == ""
    assert leases.next_retry() > clock.now()


@pytest.mark.parametrize("until", [-1, 10**9], ids=["it ended", "the clock was set back"])
def test_a_lease_that_means_nothing_is_free(leases: Leases, store: Store, until: int) -> None:
    held = leases.claim()
    assert held
    change(store, "one", lease_until=clock.now() + until)
    other = Leases(store, starting=9)
    assert claimed(other) == "one"
    with pytest.raises(Lost):
        leases.done(held, Status.RUNNING, made=True)
    assert not leases.holds("one")


def test_a_renewed_lease_lasts_and_a_lost_one_is_known_as_lost(leases: Leases, store: Store) -> None:
    claimed(leases)
    claimed(leases)
    change(store, "one", lease_until=clock.now() + 1000)
    change(store, "two", lease_holder="another")
    leases.renew()
    assert (leases.holds("one"), leases.holds("two")) == (True, False)
    with store.reading() as session:
        until = session.scalar(select(WorkspaceRow.lease_until).where(WorkspaceRow.name == "one"))
    assert until
    assert until > clock.now() + 5000


def test_only_dead_holders_are_inherited(leases: Leases, store: Store) -> None:
    claimed(leases)
    claimed(leases)
    change(store, "two", lease_holder=f"{os.getpid()}.1.another")
    Leases(store, starting=3).inherit()
    with store.reading() as session:
        holders = dict(session.execute(select(WorkspaceRow.name, WorkspaceRow.lease_holder)).all())  # type: ignore[arg-type]
    assert holders == {"one": leases.holder, "two": "", "three": "", "four": ""}


def test_events_carry_the_request_that_wished(store: Store) -> None:
    by = workspaces.Asker(user="ada", request_id="r1")
    wish(store, lambda session: workspaces.create(session, Workspace(name="demo"), by))
    held = Leases(store, starting=3).claim()
    assert held
    assert held.request_id == "r1"


def test_a_workspace_and_the_copy_of_its_home_are_worked_on_one_after_the_other(store: Store) -> None:
    wish(store, lambda session: workspaces.create(session, Workspace(name="source"), BY))
    change(store, "source", made=True, observed_generation=1, status=Status.RUNNING)
    wish(store, lambda session: workspaces.clone(session, "source", "copy", BY))
    leases, other = Leases(store, starting=3), Leases(store, starting=3)
    source = leases.claim(["source"])
    assert source  # of the two, the one that was wished first
    assert source.name == "source"
    assert claimed(other) == ""
    leases.release(source)
    copy = leases.claim()
    assert copy
    assert claimed(other, "source") == ""  # it stands still while it is copied
    leases.way(copy, Status.CREATING, made=True)
    assert claimed(other, "source") == "source"
