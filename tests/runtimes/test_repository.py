"""The clone of a repository, run for real in a directory that stands for a home."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rockpool.runtimes.podman.repository import clone
from rockpool.spec import Workspace
from rockpool.step import Run

SPEC = Workspace(name="demo", repository="https://git.example/team/tool.git")


@pytest.fixture
def origin(tmp_path: Path) -> str:
    """A repository with a branch."""
    place = tmp_path / "origin.git"
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    for words in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "x"), ("branch", "other")):
        place.mkdir(exist_ok=True)
        subprocess.run((*git, *words), cwd=place, check=True)
    return str(place)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def cloned(home: Path, spec: Workspace) -> subprocess.CompletedProcess[str]:
    """Run what would run inside."""
    step = clone(spec)[0]
    assert isinstance(step, Run)
    assert not step.required
    argv = step.argv[step.argv.index("sh") :]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(home)}
    return subprocess.run(argv, cwd=home, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_it_is_there_whole_and_the_second_time_left_alone(home: Path, origin: str) -> None:
    (home / ".origin.part").mkdir()  # what a killed one has left
    assert cloned(home, replace(SPEC, repository=origin)).returncode == 0
    (home / "origin" / "work").write_text("mine")
    assert cloned(home, replace(SPEC, repository=origin)).returncode == 0
    assert (home / "origin" / "work").read_text() == "mine"
    assert [path.name for path in home.iterdir()] == ["origin"]


def test_a_branch_is_checked_out(home: Path, origin: str) -> None:
    assert cloned(home, replace(SPEC, repository=origin, branch="other")).returncode == 0
    assert (home / "origin" / ".git" / "HEAD").read_text().strip() == "ref: refs/heads/other"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SPEC, repository="/nowhere/tool.git"),
        replace(SPEC, repository="--upload-pack=touch ${HOME}/hit"),
        replace(SPEC, repository="'; touch hit #"),
    ],
    ids=lambda spec: spec.repository,
)
def test_a_clone_that_fails_says_why_and_leaves_nothing(home: Path, wrong: Workspace) -> None:
    done = cloned(home, wrong)
    assert done.returncode != 0
    assert "fatal" in done.stderr
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("repository", "place"),
    [
        ("https://git.example/team/tool.git", "tool"),
        ("git@git.example:tool.git", "tool"),
        ("ssh://git@git.example/~me/tool/", "tool"),
        ("https://git.example/a%20b/-x;y.git", "x-y"),
        ("https://git.example/..", "repository"),
        ("https://git.example/.git", "repository"),
    ],
)
def test_where_it_goes_is_a_plain_name(repository: str, place: str) -> None:
    step = clone(replace(SPEC, repository=repository))[0]
    assert isinstance(step, Run)
    assert step.argv[-3] == place
