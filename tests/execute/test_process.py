"""A command's end is told in the kinds of our errors."""

import os
import sys
from pathlib import Path

import pytest

from rockpool.errors import DeadlinePassed, HostNotReady, StepFailed
from rockpool.execute.machine.until import until
from rockpool.execute.process import run
from rockpool.secret import Secret


def test_a_command_gets_its_input_and_gives_its_output() -> None:
    assert run(("cat",), stdin=Secret("quiet")) == "quiet"


def test_a_command_without_input_does_not_wait_for_any() -> None:
    assert run(("cat",), seconds=5) == ""


def test_a_failed_command_tells_the_end_of_its_output() -> None:
    with pytest.raises(StepFailed, match="exited 3") as caught:
        run((sys.executable, "-c", "import sys; print('too', 'bad', file=sys.stderr); sys.exit(3)"))
    assert caught.value.why == "too bad"


def test_a_failed_command_with_a_log_names_it(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    with pytest.raises(StepFailed) as caught:
        run(("sh", "-c", "echo made nothing; exit 1"), log=log)
    assert caught.value.why == "made nothing"
    assert str(log) in caught.value.fix


def test_a_command_that_is_not_there_is_the_hosts_fault() -> None:
    with pytest.raises(HostNotReady, match="cannot run no-such-command"):
        run(("no-such-command",))


def test_a_command_past_its_deadline_is_given_up() -> None:
    with pytest.raises(DeadlinePassed, match=r"gave up after 0\.1 s"):
        run((sys.executable, "-c", "import signal; signal.pause()"), seconds=0.1)


def test_a_command_past_its_deadline_takes_its_children_along(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(DeadlinePassed):
        run(("sh", "-c", 'sleep 600 >"$1" & wait', "sh", str(fifo)), seconds=0.5)
    # Opening succeeds at once without a writer only in this mode; a read then ends because nobody writes any more.
    with os.fdopen(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        assert any(reader.read() == b"" for _ in until(10)), "the child is still there"
