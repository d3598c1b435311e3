"""Each case file holds samples of a workspace in turn, and after which of them it counts as idle."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rockpool.control import idle
from rockpool.control.idle import Sample

FILES = sorted((Path(__file__).parents[1] / "cases" / "idle").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_idle(file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    known, verdicts = None, []
    for sample in case["samples"]:
        known = idle.watch(known, Sample(**sample))
        verdicts.append(idle.is_idle(known, case["timeout"]))
    assert verdicts == case["idle"]


def test_every_case_file_is_read() -> None:
    assert len(FILES) >= 9
