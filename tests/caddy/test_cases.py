"""Golden pieces of the configuration: settings in, JSON out. Dropping in a file adds a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rockpool.caddy.config import config
from rockpool.caddy.settings import Settings
from rockpool.secret import Secret

CASES = sorted((Path(__file__).parents[1] / "cases/caddy").glob("*.yaml"))
HASH = "$2b$04$" + "a" * 53


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    told = yaml.safe_load(case.read_text())
    settings = dict(told.get("settings", {}))
    defaults = Settings.for_urls(settings.pop("urls", {}), Secret(HASH))
    piece: Any = config(Settings(**{**vars(defaults), **settings}))
    for key in told["piece"]:
        piece = piece[key]
    assert piece == told["expected"]


def test_there_are_cases() -> None:
    assert CASES
