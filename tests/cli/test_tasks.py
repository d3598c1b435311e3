"""An invoke task hands its values to the click command, which alone checks them."""

from typing import Any

import click
import pytest
from invoke.config import Config
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from rockpool.cli.tasks import collection
from rockpool.errors import NotFound

seen: list[tuple[Any, ...]] = []


@click.group()
def program() -> None:
    pass


@program.group()
def box() -> None:
    pass


@program.group(hidden=True)
def inner() -> None:
    pass


@box.command()
@click.argument("name")
@click.argument("command", nargs=-1)
@click.option("--size", type=click.IntRange(1, 9), default=3)
@click.option("--label", multiple=True)
@click.option("--json", "as_json", is_flag=True)
def make(name: str, command: tuple[str, ...], size: int, label: tuple[str, ...], as_json: bool) -> None:
    """Make a box."""
    seen.append((name, command, size, label, as_json))


@program.command()
@click.argument("name", default="root")
def lose(name: str) -> None:
    raise NotFound(f"no box {name!r}")


def task(name: str) -> Task[Any]:
    found = collection(program)[name]
    assert isinstance(found, Task)
    return found


def context(remainder: str = "") -> Context:
    return Context(Config(), remainder=remainder)


def test_values_arrive_as_click_would_have_parsed_them() -> None:
    seen.clear()
    task("box.make")(context("ls -l 'a b'"), name="--odd", size="4", label=["x", "y"], as_json=True)
    assert seen == [("--odd", ("ls", "-l", "a b"), 4, ("x", "y"), True)]


def test_what_is_not_given_keeps_the_default_of_the_command() -> None:
    seen.clear()
    task("box.make")(context(), name="n", size="", label=[], as_json=False)
    assert seen == [("n", (), 3, (), False)]


def test_a_bad_value_is_told_by_click_with_its_exit_code() -> None:
    with pytest.raises(Exit, match="10 is not in the range") as caught:
        task("box.make")(context(), name="n", size="10")
    assert caught.value.code == 2


def test_a_fault_of_ours_ends_with_the_exit_code_of_its_kind() -> None:
    with pytest.raises(Exit, match="no box 'root'") as caught:
        task("lose")(context(), name="")
    assert caught.value.code == 5


def test_hidden_groups_are_no_tasks() -> None:
    assert sorted(collection(program).task_names) == ["box.make", "lose"]
