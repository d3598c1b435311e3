from pathlib import Path

import pytest
import yaml

from rockpool.execute.image.sources import retarget

CASES = sorted((Path(__file__).parents[2] / "cases/image").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_sources(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    assert retarget(case["files"], case["release"], "trixie") == case["gives"]
