"""A whole control plane in this process: the API and a worker, over a runtime that only remembers."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rockpool.cli.main import program
from rockpool.control.api import serve
from rockpool.control.api.app import create
from rockpool.control.migrate import migrate
from rockpool.control.queue import Memory
from rockpool.control.settings import Settings
from rockpool.control.store import Store
from rockpool.control.worker import build


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Where it is, and what finds it there."""

    directory: Path
    env: dict[str, str] = field(repr=False)

    @property
    def path(self) -> Path:
        return self.directory / "api.sock"

    def rockpool(self, *words: str, stdin: str = "") -> Result:
        """Run the program in this process, which saves its start."""
        return CliRunner(env=self.env).invoke(program, words, input=stdin)

    @contextmanager
    def process(self, *argv: str) -> Iterator[subprocess.Popen[str]]:
        """Have another process beside it for the block."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(argv, env=self.env, **pipes) as process:  # type: ignore[call-overload]  # by name
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def within(self, *, worker: bool) -> Iterator[None]:
        """Run the API, and a worker that hears of each wish at once, in threads of this process for the block."""
        chosen, hints = Settings.parse(json.loads((self.directory / "control.json").read_text())), Memory()
        app = create(chosen, hints=hints)
        app.state.server = server = serve.server(app)
        store = Store(chosen.state)
        crew = build(chosen, store, hints)
        listening = serve.listen(self.path)
        listening.listen()
        threads = [threading.Thread(target=server.run, kwargs={"sockets": [listening]})]
        threads += [threading.Thread(target=crew.run)] if worker else []
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            server.end()
            crew.stop()
            for thread in threads:
                thread.join(30)
            store.close()


@contextmanager
def plane() -> Iterator[Plane]:
    """Have a control plane's directory, with a migrated database and nothing running."""
    with tempfile.TemporaryDirectory(prefix="rp") as name:  # short: a socket's path may have 107 bytes
        directory = Path(name)
        for part in ("state", "stub"):
            (directory / part).mkdir()
        settings = {
            "state": str(directory / "state"),
            "stub": str(directory / "stub"),
            "socket": str(directory / "api.sock"),
            "runtime": "stub",
            "queue": "memory",
            "sweep": "1s",
        }
        (directory / "control.json").write_text(json.dumps(settings))
        migrate(directory / "state")
        own = {
            "ROCKPOOL_CONTROL": str(directory / "control.json"),
            "ROCKPOOL_HOME": str(directory / "home"),
            "ROCKPOOL_URL": f"unix://{directory}/api.sock",
        }
        yield Plane(directory=directory, env={**os.environ, **own, "TOKEN": "of the environment"})


@pytest.fixture(scope="module")
def control() -> Iterator[Plane]:
    """An API and a worker that a module's tests share."""
    with plane() as made, made.within(worker=True):
        yield made


@pytest.fixture
def alone() -> Iterator[Plane]:
    """An API without a worker: no wish comes true."""
    with plane() as made, made.within(worker=False):
        yield made
