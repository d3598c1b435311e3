"""What the README says can be done can be done, and what it names is there."""

import re
import shlex
from pathlib import Path

import pytest
from invoke.parser import Parser

from rockpool.cli.main import program
from rockpool.cli.tasks import collection
from rockpool.cli.up import welcome

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text()


def lines(language: str) -> list[str]:
    blocks = re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)
    return [line for block in blocks for line in block.splitlines()]


def commands(tool: str) -> list[str]:
    inline = re.findall(rf"`({tool} [^`]+)`", TEXT)
    return sorted({*(line for line in lines("sh") if line.startswith(f"{tool} ")), *inline})


@pytest.mark.parametrize("command", commands("make"))
def test_each_make_target_exists(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{re.escape(command.split()[1])}:", makefile, re.M)


@pytest.mark.parametrize("command", commands("invoke"))
def test_each_invoke_task_takes_these_words(command: str) -> None:
    words = shlex.split(command)[1:]
    if words == ["--list"]:
        return
    tasks = collection(program, words)
    (parsed,) = Parser(contexts=tasks.to_contexts()).parse_argv(words)
    assert parsed.name in tasks.task_names


@pytest.mark.parametrize("path", re.findall(r"`([\w./-]+\.py|[\w.-]+/[\w./-]*)`", TEXT))
def test_each_path_exists(path: str) -> None:
    assert any((base / path).exists() for base in (ROOT, ROOT / "rockpool", ROOT / "tests")), path


def test_the_end_of_make_up_is_as_printed() -> None:
    assert welcome("http://localhost:8081/workspace/demo/").splitlines() == lines("text")[:3]


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    with pytest.raises(Exception, match=r"vm\.fly"):
        Parser(contexts=collection(program).to_contexts()).parse_argv(["vm.fly"])
