"""What `rockpool vm` and `rockpool machine` read, print and end with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rockpool.cli.main import program
from rockpool.errors import InputError, NotFound
from rockpool.execute.machine.directory import BOOT_FILES, Directory, directory
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Machine

FAKE_SSH = """#!/bin/sh
printf '%s\\n' "$@"
exit 7
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def stopped() -> Directory:
    """A machine that lacks no file."""
    found = directory("root")
    found.make()
    for file in (*BOOT_FILES, *(f"{disk}.qcow2" for disk in DISKS), "id_ed25519", "host_ed25519", "ssh_config"):
        (found.path / file).touch()
    found.write_json("image.json", {"name": "root-vm", "key": "0123456789ab"})
    found.write_json("spec.json", Machine(name="root", ssh_port=22100).to_data())
    return found


def rockpool(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(program, words, input=stdin)


def ending(*words: str, path: Path) -> subprocess.CompletedProcess[str]:
    (path / "ssh").write_text(FAKE_SSH)
    (path / "ssh").chmod(0o755)
    env = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
    argv = (sys.executable, "-m", "rockpool.cli.main", *words)
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_empty_home_has_no_machines() -> None:
    assert rockpool("machine", "status", "--json").stdout == "{}\n"


def test_survey_names_state_and_port(stopped: Directory) -> None:
    row = json.loads(rockpool("machine", "status", "--json").stdout)["root"]
    assert (row["state"], row["ssh_port"], row["image_key"]) == ("stopped", 22100, "0123456789ab")
    assert rockpool("machine", "status").stdout == "root  stopped\n"


@pytest.mark.parametrize("stdin", ["", "{", "[]"])
def test_spec_has_to_be_a_json_object(stdin: str) -> None:
    assert isinstance(rockpool("machine", "create", stdin=stdin).exception, InputError)


def test_all_faults_of_a_spec_are_told_at_once_and_nothing_is_made(home: Path) -> None:
    spec = {"name": "Bad_", "memory": "1x", "forwards": [{"host_port": 0, "guest_port": 1, "host_address": "0.0.0.0"}]}
    fault = rockpool("machine", "create", stdin=json.dumps(spec)).exception
    assert isinstance(fault, InputError)
    fields = [fault.field for fault in fault.faults]
    assert fields == ["forwards[0].host_address", "forwards[0].host_port", "memory", "name"]
    assert not home.exists()


@pytest.mark.parametrize("verb", ["start", "ssh", "logs", "status", "rebuild"])
def test_absent_machine_is_not_found(verb: str) -> None:
    assert isinstance(rockpool("vm", verb).exception, NotFound)


@pytest.mark.parametrize("words", [("vm", "stop"), ("machine", "stop", "root"), ("machine", "destroy", "root")])
def test_stopping_and_destroying_what_is_absent_is_fine(words: tuple[str, ...]) -> None:
    assert rockpool(*words).exit_code == 0


def test_logs_are_printed_as_they_are(stopped: Directory) -> None:
    (stopped.path / "serial.log").write_bytes(b"Linux version\r\n\xff")
    assert rockpool("vm", "logs").stdout_bytes == b"Linux version\r\n\xff"
    assert rockpool("vm", "logs", "--follow").stdout_bytes == b"Linux version\r\n\xff"


def test_ssh_takes_words_as_ssh_does_and_ends_as_it_ends(stopped: Directory, tmp_path: Path) -> None:
    done = ending("vm", "ssh", "ls", "-la", "a b", path=tmp_path)
    assert done.stdout.splitlines() == ["-F", str(stopped.path / "ssh_config"), "root", "ls", "-la", "a b"]
    assert done.returncode == 7


def test_enter_takes_an_argv_word_for_word(stopped: Directory, tmp_path: Path) -> None:
    done = ending("machine", "enter", "root", "--", "echo", "a b", "$HOME", "--json", path=tmp_path)
    assert done.stdout.splitlines()[-1] == "echo 'a b' '$HOME' --json"
    assert done.returncode == 7


def test_destroy_asks_first(stopped: Directory) -> None:
    assert rockpool("vm", "destroy", stdin="n\n").exit_code == 1
    assert stopped.exists
    assert rockpool("vm", "destroy", "--yes").stdout == "root is gone\n"
    assert not stopped.exists
