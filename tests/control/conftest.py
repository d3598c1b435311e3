"""A database of its own for each test, migrated once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rockpool.control.migrate import migrate
from rockpool.control.store import FILE, Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("migrated")
    migrate(state)
    return state


@pytest.fixture
def state(migrated: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "state"
    directory.mkdir()
    shutil.copy(migrated / FILE, directory / FILE)
    return directory


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    opened = Store(state)
    yield opened
    opened.close()
