"""A machine as a test sees it: it runs commands, and asks addresses as this user or that."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rockpool.execute import process
from rockpool.step import Argv

_PROBE = Path(__file__).with_name("probe.py")
PROBE_SECONDS = 30

ROOT: Argv = ()
WORKSPACE_USER: Argv = ("setpriv", "--reuid=rockpool-ws", "--regid=rockpool-ws", "--init-groups")
SUBORDINATE: Argv = ("setpriv", "--reuid=105001", "--regid=105001", "--clear-groups")
"""What a process of a container would be outside of it, as with `--network host`."""


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A machine behind `ssh`, a command line that a remote command is added to. `env` is what podman needs."""

    ssh: Argv
    container: str = field(default="ws-demo")

    def run(self, *argv: str, stdin: str | None = None, seconds: float = 120) -> str:
        """Run a command as root and return its stdout. Raises StepFailed, DeadlinePassed."""
        return process.run((*self.ssh, shlex.join(argv)), stdin=stdin, seconds=seconds)

    def sh(self, script: str, *arguments: str, seconds: float = 120) -> str:
        """Run a script as root."""
        return self.run("sh", "-euc", script, "sh", *arguments, seconds=seconds)

    def podman(self, *words: str) -> Argv:
        """Return podman as the user of the workspaces runs it."""
        return (*_PODMAN, *words)

    @property
    def workspace(self) -> Argv:
        """What runs a command inside the workspace."""
        return self.podman("exec", "--interactive", self.container)

    def begin(self, program: str, *arguments: str) -> None:
        """Have a program of this directory run on inside the workspace, such as `echo.py`."""
        text = Path(__file__).with_name(program).read_text()
        self.run(*self.podman("exec", "--detach", self.container, "python3", "-c", text, *arguments))

    def ask(self, who: Argv, urls: Iterable[str]) -> dict[str, str]:
        """Ask each URL, all at once, and return what came of it: `IAM address`, or why nothing came."""
        argv = (*who, "python3", "-", str(PROBE_SECONDS), *urls)
        return dict(json.loads(self.run(*argv, stdin=_PROBE.read_text())))


_PODMAN = (
    *("env", "-C", "/", *WORKSPACE_USER, "sh", "-c"),
    'run=/run/user/$(id -u); exec env -i PATH="$PATH" HOME=/var/lib/rockpool-ws XDG_RUNTIME_DIR="$run" '
    'DBUS_SESSION_BUS_ADDRESS="unix:path=$run/bus" podman "$@"',
    "podman",
)
