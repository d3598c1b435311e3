"""An invoke task hands its values to the click command, which alone checks them."""

from typing import Any

import click
import pytest
from invoke.config import Config
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.program import Program
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


@box.command()
@click.argument("name", required=False)
@click.argument("word", nargs=-1)
@click.option("--size", type=int)
@click.option("--quiet/--no-quiet", "silent", is_flag=True)
def fill(name: str | None, word: tuple[str, ...], size: int | None, silent: bool) -> None:
    seen.append((name, word, size, silent))


@box.command()
@click.argument("source")
@click.argument("target", required=False)
def move(source: str, target: str | None) -> None:
    seen.append((source, target))


@program.group(invoke_without_command=True)
def loop() -> None:
    pass


@loop.command()
@click.option("--size", type=int)
def begin(size: int | None) -> None:
    seen.append(("begin", size))


@loop.command()
def finish() -> None:
    seen.append(("finish",))


def said(line: str | list[str]) -> list[tuple[Any, ...]]:
    """What the commands got from a command line of invoke."""
    seen.clear()
    argv = line.split() if isinstance(line, str) else line
    Program(namespace=collection(program, argv)).run(["invoke", *argv])
    return seen


def task(name: str) -> Task[Any]:
    found = collection(program)[name]
    assert isinstance(found, Task)
    return found


def context(remainder: str = "") -> Context:
    return Context(Config(), remainder=remainder)


def test_values_arrive_as_click_would_have_parsed_them() -> None:
    seen.clear()
    task("box.make")(context("ls -l 'a b'"), name="--odd", size="4", label=["x", "y"], json=True)
    assert seen == [("--odd", ("ls", "-l", "a b"), 4, ("x", "y"), True)]


def test_what_is_not_given_keeps_the_default_of_the_command() -> None:
    seen.clear()
    task("box.make")(context(), name="n", size="", label=[], json=False)
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
    assert sorted(collection(program).task_names) == [
        "box.fill",
        "box.make",
        "box.move",
        "loop.begin",
        "loop.finish",
        "lose",
    ]


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ("box.fill", [(None, (), None, False)]),
        ("box.fill demo", [("demo", (), None, False)]),
        ("box.fill demo add 5173", [("demo", ("add", "5173"), None, False)]),
        ("box.fill --size 3 demo --quiet add", [("demo", ("add",), 3, True)]),
        ("box.fill --size=3 demo", [("demo", (), 3, False)]),
        ("box.fill demo -- x y", [("demo", ("x", "y"), None, False)]),
        ("box.fill lose", [("lose", (), None, False)]),
        ("box.fill box.move a b", [(None, (), None, False), ("a", "b")]),
        ("box.move a box.fill b", [("a", None), ("b", (), None, False)]),
        ("loop", [("begin", None)]),
        ("loop --size 3", [("begin", 3)]),
        ("loop.finish", [("finish",)]),
        ("box.move notes.txt other.txt", [("notes.txt", "other.txt")]),
        ("box.make demo --label x --label y --json", [("demo", (), 3, ("x", "y"), True)]),
    ],
)
def test_words_may_be_left_out(line: str, got: list[tuple[Any, ...]]) -> None:
    assert said(line) == got


@pytest.mark.parametrize("word", ["a b", "", "'; id #", "--", "-x", "$HOME", "*", "a\nb", '"', "ü"])
def test_what_stands_behind_the_dashes_arrives_word_for_word(word: str) -> None:
    assert said(["box.make", "demo", "--", "run", word]) == [("demo", ("run", word), 3, (), False)]


def test_help_asks_for_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        said("box.move --help")
    assert done.value.code == 0
    assert "Words: SOURCE [TARGET]" in capsys.readouterr().out


def test_a_word_too_many_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        said("box.move a b c")
    assert done.value.code == 1
    assert "'c'" in capsys.readouterr().err
