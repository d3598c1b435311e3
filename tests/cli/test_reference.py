"""The reference says what the commands are, now."""

from pathlib import Path

from rockpool import errors
from rockpool.cli.main import program
from rockpool.cli.reference import reference

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_current() -> None:
    kept = (ROOT / "docs/reference/cli.md").read_text()
    assert kept == reference(program), "run: python -m rockpool.cli.reference > docs/reference/cli.md"


def test_every_exit_code_is_told() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RockpoolError)
    ]
    told = reference(program)
    assert [kind.__name__ for kind in kinds if f"| {kind.exit_code} | " not in told] == []


def test_hidden_nouns_are_left_out() -> None:
    assert "rockpool machine" not in reference(program)
