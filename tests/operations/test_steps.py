import subprocess
from pathlib import Path

import pytest

from rockpool.operations.steps import commands
from rockpool.secret import Secret
from rockpool.step import Run, Step, Wait, Write


def carried_out(step: Step) -> subprocess.CompletedProcess[str]:
    """Run a step's command as pyinfra does: by a shell, its stdin ended with a newline."""
    (command,) = commands((step,))
    stdin = command.connector_arguments.get("_stdin", "")
    ended = stdin if stdin.endswith("\n") or not stdin else stdin + "\n"
    return subprocess.run(["sh", "-c", command.get_raw_value()], input=ended, capture_output=True, text=True)


@pytest.mark.parametrize("text", ["", "one line\n", "no end", "two\nlines", "ünïcode"])
def test_a_command_reads_exactly_its_stdin(text: str):
    assert carried_out(Run(argv=("cat",), stdin=text, why="copy")).stdout == text


def test_words_of_an_argv_stay_words():
    hostile = ("a b", "$(reboot)", "';", "*", "\n")
    assert carried_out(Run(argv=("printf", "%s|", *hostile), why="print")).stdout == "".join(f"{w}|" for w in hostile)


def test_a_deadline_travels_in_seconds():
    (command,) = commands((Run(argv=("true",), seconds=7, why="wait"),))
    assert command.connector_arguments["_timeout"] == 7


def test_a_step_that_is_not_required_may_fail_and_says_so():
    done = carried_out(Run(argv=("sh", "-c", "exit 7"), required=False, why="try it"))
    assert (done.returncode, done.stderr) == (0, "try it: failed with 7, which may be\n")


def test_a_secret_is_never_in_the_command():
    step = Run(argv=("login",), stdin=Secret("hush"), why="log in")
    (command,) = commands((step,))
    assert "hush" not in command.get_raw_value() + repr(command)
    assert command.connector_arguments["_stdin"] == "hush"


@pytest.mark.parametrize("content", ["", "text\n", "no end"])
def test_a_file_is_written_whole_with_its_mode(content: str, tmp_path: Path):
    path = tmp_path / "a file"
    path.write_text("old")
    done = carried_out(Write(path=str(path), content=content, mode=0o600, why="write"))
    assert (done.returncode, path.read_text(), path.stat().st_mode & 0o777) == (0, content, 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_waiting_ends_when_the_command_succeeds(tmp_path: Path):
    (tmp_path / "there").touch()
    assert carried_out(Wait(argv=("test", "-e", str(tmp_path / "there")), why="file appears")).returncode == 0


def test_waiting_in_vain_says_for_what_and_why():
    done = carried_out(Wait(argv=("sh", "-c", "echo refused; exit 1"), seconds=0, why="editor answers"))
    assert done.returncode == 8
    assert "editor answers" in done.stderr
    assert "refused" in done.stderr
