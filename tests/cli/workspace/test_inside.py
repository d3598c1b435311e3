"""What enters a workspace goes by the host's ssh, word for word, and ends as it ended."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rockpool.execute.machine.directory import BOOT_FILES, directory
from rockpool.runtimes.qemu import DISKS
from rockpool.spec import Machine
from tests.execute.test_workspaces import HARD

FAKE_SSH = """#!/bin/sh
printf '%s\\0' "$@" > "$SAID"
cat > "$SAID.stdin"
exit 7
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with a root VM whose ssh only writes down what it was asked; the API does not answer."""
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ROCKPOOL_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SAID", str(tmp_path / "said"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    root = directory("root")
    root.make()
    for file in (*BOOT_FILES, *(f"{disk}.qcow2" for disk in DISKS), "id_ed25519", "host_ed25519", "ssh_config"):
        (root.path / file).touch()
    root.write_json("image.json", {"name": "root-vm", "key": "0123456789ab"})
    root.write_json("spec.json", Machine(name="root", ssh_port=22100).to_data())
    (tmp_path / "ssh").write_text(FAKE_SSH)
    (tmp_path / "ssh").chmod(0o755)
    return tmp_path


def run(program: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    argv = {
        "rockpool": (sys.executable, "-m", "rockpool.cli.main", "workspace", *words),
        "invoke": (str(Path(sys.executable).with_name("invoke")), f"workspace.{words[0]}", *words[1:]),
    }[program]
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=60, cwd=root)


def asked(host: Path) -> tuple[list[str], list[str]]:
    """Return ssh's own words, and those that a shell on the other side makes of the last one."""
    *own, text = (host / "said").read_text().split("\0")[:-1]
    return own, shlex.split(text)


@pytest.mark.parametrize("program", ["rockpool", "invoke"])
def test_exec_passes_words_stdin_and_exit_code(host: Path, program: str) -> None:
    done = run(program, "exec", "demo", "--", "printf", *HARD, stdin="to it")
    assert (done.returncode, done.stderr) == (7, "")
    own, inside = asked(host)
    assert own == ["-T", "-F", str(host / "home/machines/root/ssh_config"), "root"]
    assert inside[inside.index("ws-demo") :] == ["ws-demo", "printf", *HARD]
    assert "--tty" not in inside
    assert (host / "said.stdin").read_text() == "to it"


def test_ssh_asks_for_a_terminal(host: Path) -> None:
    assert run("rockpool", "ssh", "demo").returncode == 7
    own, inside = asked(host)
    assert own[0] == "-t"
    assert inside[inside.index("exec") + 1 : inside.index("ws-demo")] == ["--interactive", "--tty", "--env=TERM"]


def test_options_of_the_command_inside_are_not_ours(host: Path) -> None:
    assert run("rockpool", "exec", "demo", "ls", "--help").returncode == 7
    assert asked(host)[1][-2:] == ["ls", "--help"]


def test_a_copy_that_fails_tells_what_the_other_side_said(host: Path) -> None:
    (host / "ssh").write_text("#!/bin/sh\necho no such container >&2\nexit 125\n")
    done = run("rockpool", "cp", "demo:notes.txt", str(host))
    assert done.returncode == 7
    assert "no such container" in done.stderr


def test_nothing_is_left_of_a_copy_that_fails(host: Path) -> None:
    (host / "out").mkdir()
    run("rockpool", "cp", "demo:notes.txt", str(host / "out"))
    assert list((host / "out").iterdir()) == []
