"""`rockpool workspace` against a real API and a real worker, whose runtime only remembers."""

import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from rockpool.errors import Conflict, HostNotReady, InputError, NotFound
from tests.cli.conftest import Plane, plane

IDE = "http://localhost:8081/workspace"
CREATE = (sys.executable, "-m", "rockpool.cli.main", "workspace", "create")


def shown(control: Plane, name: str, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(control.rockpool("workspace", "show", name, "--json", *words).stdout)
    return found


def told(result: Result) -> str:
    assert result.exit_code == 0, (result.exception, result.output)
    return result.stdout


def test_the_life_of_a_workspace(control: Plane) -> None:
    made = control.rockpool("workspace", "create", "demo", "--memory", "2g", "--expose", "5173=web")
    assert told(made) == f"{IDE}/demo/\n"
    assert "create demo …" in made.stderr
    assert "create demo: done in" in made.stderr
    assert shown(control, "demo")["memory"] == "2g"
    assert isinstance(control.rockpool("workspace", "create", "demo").exception, Conflict)
    assert told(control.rockpool("workspace", "stop", "demo")) == "demo is stopped\n"
    assert told(control.rockpool("workspace", "stop", "demo")) == "demo is stopped\n"
    assert isinstance(control.rockpool("workspace", "restart", "demo").exception, Conflict)
    again = control.rockpool("workspace", "start", "demo")
    assert told(again) == f"{IDE}/demo/\n"
    assert told(control.rockpool("workspace", "restart", "demo")) == f"{IDE}/demo/\n"
    assert told(control.rockpool("workspace", "clone", "demo", "copy")) == f"{IDE}/copy/\n"
    rows = [line.split()[:2] for line in told(control.rockpool("workspace", "list")).splitlines()]
    assert rows == [["NAME", "STATE"], ["demo", "running"], ["copy", "running"]]
    assert told(control.rockpool("workspace", "delete", "demo")) == "demo is deleted\n"
    assert told(control.rockpool("workspace", "delete", "demo")) == "there is no demo\n"
    assert isinstance(control.rockpool("workspace", "show", "demo").exception, NotFound)
    assert told(control.rockpool("workspace", "delete", "copy", "--purge")) == "copy is deleted\n"
    kept = {home["workspace"]: home["id"] for home in json.loads(told(control.rockpool("home", "list", "--json")))}
    assert told(control.rockpool("home", "purge", kept["demo"])) == f"{kept['demo']} goes now\n"


def test_how_long_it_took_last_time_is_told(control: Plane) -> None:
    told(control.rockpool("workspace", "create", "first"))
    assert "(took " in control.rockpool("workspace", "create", "second").stderr


def test_without_a_name_it_gets_one(control: Plane) -> None:
    made = control.rockpool("workspace", "create", "--repository", "https://git.example/team/tool.git", "--json")
    row = json.loads(told(made))
    assert row["name"].startswith("tool-")
    assert len(row["name"]) == len("tool-") + 5
    assert (row["status"], row["repository"]) == ("running", "https://git.example/team/tool.git")


def test_all_faults_are_told_at_once_by_the_names_of_options(control: Plane) -> None:
    words = ("Bad_", "--cpus", "x", "--memory", "0", "--expose", "80", "--env", "1=2", "--idle-timeout", "5")
    fault = control.rockpool("workspace", "create", *words).exception
    assert isinstance(fault, InputError)
    fields = {found.field for found in fault.faults}
    assert fields == {"NAME", "--cpus", "--memory", "--expose", "--env", "--idle-timeout"}


def test_ports_come_and_go(control: Plane) -> None:
    told(control.rockpool("workspace", "create", "web"))
    assert told(control.rockpool("workspace", "ports", "web")) == "web has no ports\n"
    added = told(control.rockpool("workspace", "ports", "web", "add", "5173", "--label", "vite"))
    assert added.splitlines()[1].split() == ["5173", "http://localhost:8082/workspace/web/port/5173/", "vite"]
    assert told(control.rockpool("workspace", "ports", "web", "remove", "5173")) == "web has no ports\n"
    fault = control.rockpool("workspace", "ports", "web", "add", "70000").exception
    assert isinstance(fault, InputError)
    assert [found.field for found in fault.faults] == ["PORT"]
    assert control.rockpool("workspace", "ports", "web", "add").exit_code == 2


def test_a_variable_is_shown_only_to_who_asks_for_it(control: Plane, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of a file\n")
    given = ("--env", "TOKEN", "--env", f"FILE=@{tmp_path}/secret", "--env", "PIPE=@-", "--env", "PLAIN=plain")
    made = control.rockpool("workspace", "create", "quiet", *given, stdin="of stdin")
    assert told(made)
    env = shown(control, "quiet", "--env")["env"]
    assert env == {"TOKEN": "of the environment", "FILE": "of a file", "PIPE": "of stdin", "PLAIN": "plain"}
    looks = (("show", "quiet"), ("show", "quiet", "--json"), ("list",), ("list", "--json"))
    seen = made.output + "".join(told(control.rockpool("workspace", *words)) for words in looks)
    assert [value for value in env.values() if value in seen] == []
    assert "FILE, PIPE, PLAIN, TOKEN" in seen
    assert "of a file" in told(control.rockpool("workspace", "show", "quiet", "--env"))


def test_looking_on_ends_at_once_when_nothing_is_on_its_way(control: Plane) -> None:
    told(control.rockpool("workspace", "create", "calm"))
    assert "running" in told(control.rockpool("workspace", "show", "calm", "--follow"))


def test_a_page_is_not_the_end_of_the_list(control: Plane) -> None:
    for number in range(3):
        told(control.rockpool("workspace", "create", f"one-of-{number}", "--no-wait"))
    found = json.loads(told(control.rockpool("workspace", "list", "--search", "one-of-", "--json")))
    assert [row["name"] for row in found] == ["one-of-0", "one-of-1", "one-of-2"]


def test_dead_letters_and_status_are_told(control: Plane) -> None:
    assert told(control.rockpool("queue", "dead")) == "there are no dead letters\n"
    assert told(control.rockpool("queue", "redrive")) == "0 put back\n"
    assert told(control.rockpool("status")).splitlines()[0].split() == ["PART", "STATE", "VERSION", "DETAIL"]
    assert {part["name"] for part in json.loads(told(control.rockpool("status", "--json")))} >= {"api"}


def test_names_are_completed(control: Plane) -> None:
    told(control.rockpool("workspace", "create", "to-complete"))
    asked = {"_ROCKPOOL_COMPLETE": "bash_complete", "COMP_WORDS": "rockpool workspace stop to-", "COMP_CWORD": "3"}
    argv = (str(Path(sys.executable).with_name("rockpool")),)
    with Plane(directory=control.directory, env={**control.env, **asked}).process(*argv) as process:
        assert process.communicate(timeout=60)[0] == "plain,to-complete\n"


def test_invoke_says_the_same(alone: Plane) -> None:
    flags = (
        "--no-sudo",
        "--expose",
        "5173=web",
        "--expose=3000",
        "--env",
        "A=b=c",
        "--cpus",
        "3",
        "--no-wait",
        "--json",
    )
    argv = (str(Path(sys.executable).with_name("invoke")), "workspace.create", "told", *flags)
    with alone.process(*argv) as process:
        out, said = process.communicate(timeout=60)
    row = json.loads(out)
    assert (process.returncode, said) == (0, "")
    assert (row["name"], row["sudo"], row["cpus"], row["env"]) == ("told", False, 3, {"A": None})
    assert [(port["port"], port["label"]) for port in row["ports"]] == [(3000, ""), (5173, "web")]


def test_a_wish_survives_ctrl_c(alone: Plane) -> None:
    with alone.process(*CREATE, "slow") as process:
        assert process.stderr
        assert "create slow" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "rockpool workspace show --follow slow" in said
    assert shown(alone, "slow")["desired"] == "running"


def test_no_wait_only_wishes(alone: Plane) -> None:
    assert told(alone.rockpool("workspace", "create", "later", "--no-wait")) == f"{IDE}/later/\n"
    assert shown(alone, "later")["status"] == "creating"


def test_a_restart_of_the_api_is_waited_for() -> None:
    with plane() as control, ExitStack() as first:
        first.enter_context(control.within(worker=False))
        with control.process(*CREATE, "steady") as process:
            assert process.stderr
            assert "create steady" in process.stderr.readline()
            first.close()
            with control.within(worker=True):
                out, said = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, f"{IDE}/steady/\n"), said


@pytest.mark.parametrize("verb", ["ssh", "logs", "plan", "open"])
def test_what_is_not_there_is_told(control: Plane, verb: str) -> None:
    assert isinstance(control.rockpool("workspace", verb, "nothing").exception, NotFound)


@pytest.mark.parametrize(
    ("words", "asks"), [(("a", "b"), True), (("a:x", "b:y"), True), (("./a:x", "nothing:y"), False)]
)
def test_one_side_of_a_copy_is_inside(control: Plane, words: tuple[str, str], asks: bool) -> None:
    done = control.rockpool("workspace", "cp", *words)
    assert (done.exit_code == 2) is asks
    assert asks or isinstance(done.exception, NotFound)


def test_nothing_runs_in_one_that_is_stopped(control: Plane) -> None:
    told(control.rockpool("workspace", "create", "still"))
    told(control.rockpool("workspace", "stop", "still"))
    fault = control.rockpool("workspace", "exec", "still", "--", "true").exception
    assert isinstance(fault, Conflict)
    assert "rockpool workspace start still" in fault.fix


def test_without_an_api_the_runtime_is_asked(control: Plane) -> None:
    away = Plane(directory=control.directory, env={**control.env, "ROCKPOOL_URL": "http://127.0.0.1:1"})
    assert isinstance(away.rockpool("workspace", "exec", "demo", "--", "true").exception, NotFound)  # no root VM either
    assert isinstance(away.rockpool("workspace", "list").exception, HostNotReady)
