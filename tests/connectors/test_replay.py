import subprocess

import pytest

from rockpool.connectors import replay

COMMANDS = (
    "echo one",
    "printf 'no end'",
    "exit 3",
    "printf '0 5\\nabc\\n'; echo 'x y' >&2",
    "true",
    "cat",
    'echo "it\'s"',
)


def told() -> bytes:
    return subprocess.run(["sh", "-s"], input=replay.script(COMMANDS).encode(), capture_output=True, check=True).stdout


def test_every_command_is_answered_as_if_it_ran_alone():
    answers = replay.parse(told(), COMMANDS)
    expected = [b"one\n", b"no end", b"", b"0 5\nabc\n", b"", b"", b"it's\n"]
    assert [answers[command].stdout for command in COMMANDS] == expected
    assert [answers[command].code for command in COMMANDS] == [0, 0, 3, 0, 0, 0, 0]


@pytest.mark.parametrize("lost", [1, 5, 7, 19])
def test_answers_that_did_not_arrive_whole_are_left_out(lost: int):
    answers = replay.parse(told()[:-lost], COMMANDS)
    assert COMMANDS[-1] not in answers
    assert answers["echo one"].stdout == b"one\n"


def test_noise_is_no_answer():
    assert replay.parse(b"Last login: today\n", COMMANDS) == {}
    assert replay.parse(b"Last login: today\n" + told(), COMMANDS) == {}


def test_lines_are_those_that_pyinfra_would_read():
    assert replay.Answer(code=0, stdout=b"a\n\nb\n").lines == ["a", "", "b"]
    assert replay.Answer(code=0, stdout=b"").lines == []
