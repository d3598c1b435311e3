"""Steps on this machine: told, in order, up to the first that fails or until nobody wants them any more."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool import names
from rockpool.errors import DeadlinePassed, HostNotReady, StepFailed
from rockpool.execute import hand
from rockpool.execute.hand import Hand
from rockpool.execute.machine.until import until
from rockpool.secret import Secret
from rockpool.step import Run, Step, Wait, Write


class Verbs(threading.Thread):
    """Answers verbs on a socket: `fail` fails, `hang` never answers, `drop` ends the first connection that says it."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.connections = list[list[str]]()
        self.left = threading.Event()
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            heard = list[str]()
            self.connections.append(heard)
            threading.Thread(target=self.serve, args=(connection, heard), daemon=True).start()

    def serve(self, connection: socket.socket, heard: list[str]) -> None:
        with connection, connection.makefile("rw", encoding="utf-8") as lines:
            for line in lines:
                heard.append(line.rstrip("\n"))
                if heard[-1] == "drop" and len(self.connections) == 1:
                    return
                if heard[-1] == "hang":
                    connection.recv(1)
                    self.left.set()
                    return
                print("error it is full" if heard[-1] == "fail" else f"ok {heard[-1]}!", file=lines, flush=True)


@pytest.fixture
def verbs(tmp_path: Path) -> Iterator[Verbs]:
    served = Verbs(tmp_path / "s")
    yield served
    served.listener.shutdown(socket.SHUT_RDWR)
    served.listener.close()


class Told(list[str]):
    def __call__(self, _step: Step, text: str) -> None:
        self.append(text)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def here(tmp_path: Path) -> Hand:
    return Hand(str(tmp_path / "s"))


def wsctl(*verbs: str, **values: float) -> Run:
    return Run(argv=(names.WSCTL, *verbs), why=f"say {verbs[0]}", **values)  # type: ignore[arg-type]  # values of Run


def test_steps_are_done_in_order_and_told(here: Hand, told: Told, tmp_path: Path) -> None:
    file = tmp_path / "file"
    steps = (
        Write(path=str(file), content=Secret("a"), why="write it", mode=0o600),
        Run(argv=("sh", "-c", 'cat >>"$1"', "sh", str(file)), stdin=Secret("b" * 200_000), why="add to it"),
        Wait(argv=("test", "-s", str(file)), why="it is there"),
    )
    assert here.carry_out(steps, told)
    assert told == ["write it", "add to it", "it is there"]
    assert file.read_text() == "a" + "b" * 200_000
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_whole_plan_is_one_connection(here: Hand, verbs: Verbs, told: Told) -> None:
    assert here.carry_out((wsctl("a", "b"), Run(argv=("true",), why="between"), wsctl("c")), told)
    assert verbs.connections == [["a", "b", "c"]]


def test_answers_are_one_a_line(here: Hand, verbs: Verbs) -> None:
    assert here.ask(wsctl("a", "b")) == "a!\nb!"


def test_a_lost_connection_is_made_again(here: Hand, verbs: Verbs, told: Told) -> None:
    assert here.carry_out((wsctl("a"), wsctl("drop", "b")), told)
    assert verbs.connections == [["a", "drop"], ["drop", "b"]]


def test_a_verb_that_fails_says_why(here: Hand, verbs: Verbs, told: Told) -> None:
    with pytest.raises(StepFailed, match="cannot say a\n  why: it is full"):
        here.carry_out((wsctl("a", "fail", "b"), wsctl("c")), told)
    assert verbs.connections == [["a", "fail"]]


def test_a_verb_is_one_line(here: Hand, verbs: Verbs, told: Told) -> None:
    with pytest.raises(StepFailed, match="cannot say a"):
        here.carry_out((wsctl("a\nhome remove demo"),), told)
    assert verbs.connections == []


def test_a_verb_that_hangs_has_a_deadline(here: Hand, verbs: Verbs, told: Told) -> None:
    with pytest.raises(DeadlinePassed, match="gave up: say hang\n  why: no answer came in time"):
        here.carry_out((wsctl("hang", seconds=0.1),), told)


def test_a_verb_that_nobody_hears_has_a_deadline(here: Hand, told: Told) -> None:
    with pytest.raises(DeadlinePassed, match=r"gave up: say a\n  why: .*No such file"):
        here.carry_out((wsctl("a", seconds=0.1),), told)


def test_the_first_failure_ends_it_in_the_steps_own_words(here: Hand, told: Told) -> None:
    steps = (Run(argv=("sh", "-c", "echo no room >&2; exit 3"), why="do a"), Run(argv=("true",), why="do b"))
    with pytest.raises(StepFailed, match="cannot do a\n  why: no room"):
        here.carry_out(steps, told)
    assert told == ["do a"]


def test_what_stdin_holds_is_in_no_error(here: Hand, told: Told) -> None:
    with pytest.raises(StepFailed) as caught:
        here.carry_out((Run(argv=("false", "x"), stdin="TOKEN=geheim", why="do a"),), told)
    assert "geheim" not in str(caught.value)


def test_a_step_that_is_not_required_may_fail(here: Hand, told: Told) -> None:
    assert here.carry_out((Run(argv=("sh", "-c", "echo why >&2; exit 1"), why="try a", required=False),), told)
    assert told == ["try a", "try a: failed, which may be: why"]


def test_a_command_that_is_not_there(here: Hand, told: Told) -> None:
    with pytest.raises(HostNotReady, match="rockpool-none"):
        here.carry_out((Run(argv=("rockpool-none",), why="do a"),), told)


def _ends(process: Path) -> bool:
    """Say whether it ends soon: killed it is at once, but on a busy machine it is gone only when it has its turn."""
    for _left in until(10, 0.05):
        try:
            if ") Z " in process.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False


def test_a_command_has_a_deadline_and_its_children_end(here: Hand, told: Told, tmp_path: Path) -> None:
    script = 'sleep 60 & echo $! >"$1"; wait'
    step = Run(argv=("sh", "-c", script, "sh", str(tmp_path / "pid")), why="hang", seconds=0.1)
    with pytest.raises(DeadlinePassed, match="gave up: hang"):
        here.carry_out((step,), told)
    assert _ends(Path("/proc", (tmp_path / "pid").read_text().strip(), "stat"))


def test_a_wait_asks_again_and_has_a_deadline(here: Hand, told: Told, tmp_path: Path) -> None:
    again = ("sh", "-c", 'echo x >>"$1"; test "$(wc -l <"$1")" = 3', "sh", str(tmp_path / "calls"))
    assert here.carry_out((Wait(argv=again, why="it answers", seconds=20),), told)
    with pytest.raises(DeadlinePassed, match="it answers\n  why: nobody"):
        here.carry_out((Wait(argv=("sh", "-c", "echo nobody; exit 1"), why="it answers", seconds=0.01),), told)


def test_progress_is_told_while_it_runs(here: Hand, told: Told, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")

    def tell(step: Step, text: str) -> None:
        told(step, text)
        if text.startswith("50"):  # only who hears it lets it go on
            (tmp_path / "go").write_text("on\n")

    script = 'printf "10%%\\r50%%\\rpart" >&2; read line <"$1"'
    step = Run(argv=("sh", "-c", script, "sh", str(tmp_path / "go")), why="clone", seconds=20)
    assert here.carry_out((step,), tell)
    assert told == ["clone", "50%"]


def test_it_stops_between_two_steps(here: Hand, told: Told) -> None:
    steps = (Run(argv=("true",), why="a"), Run(argv=("true",), why="b"))
    assert not here.carry_out(steps, told, stop=lambda: told == ["a"])
    assert told == ["a"]


def test_a_long_command_is_ended(here: Hand, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "END_WITHIN", 0.0)
    begin = time.monotonic()
    assert not here.carry_out((Run(argv=("sleep", "60"), why="sleep"),), told, stop=lambda: bool(told))
    assert time.monotonic() - begin < 60


def test_a_long_verb_is_left(here: Hand, verbs: Verbs, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "END_WITHIN", 0.0)
    assert not here.carry_out((wsctl("hang"),), told, stop=lambda: verbs.connections == [["hang"]])
    assert verbs.left.wait(10)
