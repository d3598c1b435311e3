"""A command for a workspace arrives word for word, whatever stands in it."""

import random
import subprocess
from pathlib import Path

import pytest

from rockpool.errors import InputError, NotFound
from rockpool.execute import workspaces

HARD = (
    "",
    " ",
    "a b",
    "'",
    '"',
    "\\",
    "'; id #",
    "$(id)",
    "`id`",
    "$HOME",
    "${IFS}",
    "*",
    "~",
    "!!",
    "&& id",
    "| id",
    "> /tmp/x",
    "-x",
    "--",
    "--upload-pack=id",
    "a\nb",
    "a\tb",
    "\n",
    "#",
    "%s",
    "\\n",
    "ü€",
    "\x01",
    "=",
    "{a,b}",
    "[!a]",
    "a\\",
    "'\\''",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROCKPOOL_HOME", str(tmp_path / "home"))


def arrived(argv: tuple[str, ...], shell: str) -> tuple[str, ...]:
    """What a program gets when ssh hands our text to the other side's shell."""
    said = workspaces.shell_text(("printf", "%s\\0", "begin", *argv))
    told = subprocess.run((shell, "-c", said), capture_output=True, check=True).stdout.decode()
    return tuple(told.split("\0")[1:-1])


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_hard_words_arrive_as_sent(shell: str) -> None:
    assert arrived(HARD, shell) == HARD


@pytest.mark.parametrize("seed", range(20))
def test_any_words_arrive_as_sent(seed: int) -> None:
    chance = random.Random(seed)
    letters = [chr(code) for code in range(1, 128)] + ["ü", "€", "𐍈"]
    argv = tuple("".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(50))
    assert arrived(argv, "bash") == argv


@pytest.mark.parametrize("name", ["..", "-x", "a", "a b", "x; id", "A", "$(id)", "demo\n", ""])
def test_what_is_no_name_goes_nowhere(name: str) -> None:
    with pytest.raises(InputError, match="NAME"):
        workspaces.enter(name, ("true",))


def test_a_zero_byte_is_refused() -> None:
    with pytest.raises(InputError, match="zero bytes"):
        workspaces.enter("demo", ("echo", "a\0b"))


def test_without_a_root_vm_there_is_no_way_in() -> None:
    with pytest.raises(NotFound):
        workspaces.enter("demo", ("true",))
