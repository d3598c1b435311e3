"""Every directory `MODULE.OPERATION/` beside this file: a YAML file is a case, arguments and facts in, commands out.

`script NAME …` in an expected command stands for the script of that name; `debs` and a `release` become objects with
attributes, and `{secret: x}` a Secret.
"""

import re
import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from rockpool.facts.script import code
from rockpool.secret import Secret

with patch("gevent.monkey.patch_all"):  # pyinfra_cli, which it imports, would change sockets for every test
    from pyinfra_testing.operations import make_operation_tests

HERE = Path(__file__).parent

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*yaml:ResourceWarning")  # pyinfra_testing reads so


def spelled(expected: Any) -> Any:
    """Spell out what a case abbreviates."""
    if isinstance(expected, str):
        return re.sub(r"^script (\w+)", lambda match: f"sh -c {shlex.quote(code(match[1]))} {match[1]}", expected)
    if isinstance(expected, dict):
        return {**expected, "command": spelled(expected["command"])} if "command" in expected else expected
    return [spelled(item) for item in expected] if isinstance(expected, list) else expected


def cases(directory: Path) -> type:
    base: Any = make_operation_tests("rockpool.operations", directory.name, directory)

    class Cases(base):  # type: ignore[misc]
        def _test(self, name: str, data: dict[str, Any]) -> None:
            data["commands"] = [spelled(command) for command in data.get("commands", [])]
            kwargs = data.get("kwargs", {})
            if "debs" in kwargs:
                kwargs["debs"] = [SimpleNamespace(**deb) for deb in kwargs["debs"]]
            if "release" in kwargs:
                kwargs["release"] = SimpleNamespace(name=kwargs["release"], wheel=lambda: Path("/releases/a.whl"))
            for key, value in kwargs.items():
                if isinstance(value, dict) and set(value) == {"secret"}:
                    kwargs[key] = Secret(value["secret"])
            super()._test(name, data)

    return Cases


for found in sorted(HERE.glob("*.*/")):
    globals()[f"Test_{found.name.replace('.', '_')}"] = cases(found)
