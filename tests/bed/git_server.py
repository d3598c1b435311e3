"""A git server in the closed network, on every address of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rockpool.execute.machine.until import until
from tests.bed.namespace import Namespace

PORT = 9418
MESSAGE = "the first commit"

_COMMIT = ("-c", "user.name=Test", "-c", "user.email=test@www.test", "commit", "-q", "--allow-empty", "-m", MESSAGE)


@contextmanager
def serving(closed: Namespace, directory: Path) -> Iterator[None]:
    """Serve `git://ADDRESS/repository` for the block, made in an empty directory."""
    repository = directory / "repository"
    for words in (("init", "-q", str(repository)), ("-C", str(repository), *_COMMIT)):
        subprocess.run(("git", *words), check=True, capture_output=True, timeout=60)
    options = ("--export-all", "--reuseaddr", f"--base-path={directory}")
    argv = (*closed.prefix, "git", "daemon", *options)
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as daemon:
        try:
            asked = (*closed.prefix, "ss", "-Htln", f"sport = :{PORT}")
            listens = (subprocess.run(asked, check=True, capture_output=True).stdout for _ in until(30, 0.1))
            if not any(listens):
                raise RuntimeError("git daemon does not listen")
            yield
        finally:
            daemon.terminate()
