"""Every directory `MODULE.Fact/` beside this file: one YAML file is one case, arguments and output in, data out.

`script NAME …` in an expected command stands for the script of that name.
"""

import re
import shlex
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from rockpool.facts.script import code

with patch("gevent.monkey.patch_all"):  # pyinfra_cli, which it imports, would change sockets for every test
    from pyinfra_testing.facts import make_fact_tests

HERE = Path(__file__).parent

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*yaml:ResourceWarning")  # pyinfra_testing reads so


def cases(directory: Path) -> type:
    base: Any = make_fact_tests("rockpool.facts", directory.name, directory)

    class Cases(base):  # type: ignore[misc]
        def _test(self, name: str, data: dict[str, Any]) -> None:
            abbreviated = data.get("command", "")
            data["command"] = re.sub(
                r"^script (\w+)", lambda match: f"sh -c {shlex.quote(code(match[1]))} {match[1]}", abbreviated
            )
            super()._test(name, data)

    return Cases


for found in sorted(HERE.glob("*.*/")):
    globals()[f"Test_{found.name.replace('.', '_')}"] = cases(found)
