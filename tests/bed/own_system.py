"""This host as only one test sees it: what it removes and installs in there is never seen by anybody else."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rockpool.step import Argv

_PLACES = ("/etc", "/usr", "/var/cache/apt", "/var/lib/apt", "/var/lib/dpkg")

_SCRIPT = """
scratch=$1
shift
mount -t tmpfs rockpool-test "$scratch"
for place; do
    n=$((${n:-0} + 1))
    mkdir "$scratch/$n" "$scratch/$n.work"
    mount -t overlay -o "lowerdir=$place,upperdir=$scratch/$n,workdir=$scratch/$n.work" rockpool-test "$place"
done
echo ready
cat > /dev/null
"""


@contextmanager
def own_system(*places: Path) -> Iterator[Argv]:
    """Yield the prefix that runs a command where packages, accounts and `places` are a copy. It ends with the block."""
    with tempfile.TemporaryDirectory() as scratch:
        script = ("sh", "-euc", _SCRIPT, "sh", scratch, *_PLACES, *map(str, places))
        argv = ("unshare", "--mount", "--propagation", "private", *script)
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            try:
                if not holder.stdout or holder.stdout.readline() != "ready\n":
                    raise RuntimeError(f"there is no copy of this host: exit {holder.wait(5)}")
                yield ("nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", "--", "env", "-C", str(Path.cwd()))
            finally:
                holder.kill()  # the pipe ends it too, if we are killed
