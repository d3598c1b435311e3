"""One at a time; a killed holder frees its lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from rockpool.errors import Busy
from rockpool.execute.lock import hold

HOLDER = """
import sys
from pathlib import Path
from rockpool.execute.lock import hold
with hold(Path(sys.argv[1]), "deploy"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_one_is_told_who_holds_it_and_a_killed_holder_frees_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=rf"process {holder.pid} \(deploy\)"), hold(lock, "deploy"):
            pytest.fail("the lock was given twice")
        holder.kill()
        holder.wait()
    with hold(lock, "deploy"):
        assert str(holder.pid) not in lock.read_text()
