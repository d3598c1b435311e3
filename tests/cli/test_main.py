"""The program as a process: what it loads, completes and ends with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rockpool.cli.main import ACTS, NOUNS

NOWHERE = "http://127.0.0.1:1"


def rockpool(*words: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ROCKPOOL_HOME": str(home), **env}
    argv = (sys.executable, "-m", "rockpool.cli.main", *words)
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=60)


IMPORTS = """
import builtins, importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("pyinfra", "gevent", "paramiko", "bcrypt", "invoke"):
            raise ImportError(f"{name} is not in the root VM")
sys.meta_path.insert(0, Refuse())
sys.argv = ["rockpool", *sys.argv[1:]]
from rockpool.cli.main import main
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("workspace", "--help"),
        ("workspace", "list"),
        ("workspace", "create", "demo"),
        ("workspace", "logs", "demo"),
        ("home", "list"),
        ("queue", "dead"),
        ("status",),
        ("completion", "zsh"),
    ],
)
def test_what_runs_in_the_root_vm_needs_only_what_is_there(words: tuple[str, ...], tmp_path: Path) -> None:
    env = {**os.environ, "ROCKPOOL_HOME": str(tmp_path), "ROCKPOOL_URL": NOWHERE}
    done = subprocess.run((sys.executable, "-c", IMPORTS, *words), env=env, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if words[-1] == "--help" or words[0] == "completion" else 3), done.stderr
    assert "Traceback" not in done.stderr


def test_the_refusal_of_that_test_works(tmp_path: Path) -> None:
    program = IMPORTS.replace("from rockpool.cli.main import main\nmain()", "import pyinfra")
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=False)
    assert "is not in the root VM" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell: str, tmp_path: Path) -> None:
    done = rockpool("completion", shell, home=tmp_path)
    assert done.returncode == 0
    assert "_ROCKPOOL_COMPLETE" in done.stdout


def completed(line: str, home: Path) -> list[str]:
    words = line.split()
    env = {
        "_ROCKPOOL_COMPLETE": "fish_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if line[-1] != " " else "",
    }
    done = subprocess.run(
        (Path(sys.executable).with_name("rockpool"),),
        env={**os.environ, "ROCKPOOL_HOME": str(home), "ROCKPOOL_URL": NOWHERE, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return [row.split("\t")[0].removeprefix("plain,") for row in done.stdout.splitlines() if row]


def test_nouns_and_options_are_completed(tmp_path: Path) -> None:
    assert {"workspace", "home", "status"} <= set(completed("rockpool ", tmp_path))
    assert "--repository" in completed("rockpool workspace create --r", tmp_path)


def test_without_an_api_no_name_is_completed(tmp_path: Path) -> None:
    assert completed("rockpool workspace stop ", tmp_path) == []


def test_every_noun_and_act_is_there() -> None:
    from rockpool.cli.main import program

    missing = [name for name in (*NOUNS, *ACTS) if program.get_command(None, name) is None]  # type: ignore[arg-type]  # it is not used
    assert missing == []


def test_an_api_that_is_away_ends_with_the_code_of_its_kind(tmp_path: Path) -> None:
    done = rockpool("workspace", "list", home=tmp_path, ROCKPOOL_URL=NOWHERE)
    assert (done.returncode, done.stdout) == (3, "")
    assert NOWHERE in done.stderr
