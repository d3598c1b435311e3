"""Services of this machine in the place of systemd's: started anew when `systemctl restart` is called, until ready."""

from __future__ import annotations

import os
import re
import shlex
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rockpool.step import Argv

_ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as asking:
    asking.connect(sys.argv[1])
    asking.sendall(" ".join(sys.argv[2:]).encode() + b"\\n")
    sys.exit(bool(asking.recv(100)))
"""


@dataclass(kw_only=True)
class Services:
    """What each unit runs, `units` with their drop-ins, and `release` as its PYTHONPATH without one."""

    commands: Mapping[str, Argv]
    units: Path
    release: str
    env: Mapping[str, str]
    place: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return a PATH on which `systemctl` asks us."""
        return f"{self.place / 'bin'}:{os.environ['PATH']}"

    def restart(self, units: list[str]) -> None:
        """Start units anew, all at once, until each has said that it is ready."""
        for unit in units:
            if unit in self.running:
                self.running[unit].terminate()
        for unit in units:
            if unit in self.running:
                self.running.pop(unit).wait(30)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waiting:
            address = self.place / "notify"
            address.unlink(missing_ok=True)
            waiting.bind(str(address))
            waiting.settimeout(60)
            for unit in units:
                env = {**self.env, "PYTHONPATH": self._source(unit), "NOTIFY_SOCKET": str(address)}
                with (self.place / f"{unit}.log").open("ab") as log:
                    self.running[unit] = subprocess.Popen(self.commands[unit], env={**os.environ, **env}, stderr=log)
            for _ in units:
                assert waiting.recv(100) == b"READY=1"

    def stop(self) -> None:
        """End all."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)

    def _source(self, unit: str) -> str:
        drop_in = self.units / f"{unit}.d/90-source.conf"
        if not drop_in.exists():
            return self.release
        file = re.findall(r"^EnvironmentFile=(.*)$", drop_in.read_text(), re.MULTILINE)[-1]
        return Path(file).read_text().strip().removeprefix("PYTHONPATH=")


@contextmanager
def manager(services: Services) -> Iterator[Services]:
    """Answer `systemctl` on `services.path` for the block."""

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            verb, *units = self.rfile.readline().decode().split()
            if verb == "restart":
                services.restart(units)

    socket_path = services.place / "manager"
    program = services.place / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join((sys.executable, "-SEc", _ASK, str(socket_path)))} "$@"\n')
    program.chmod(0o755)
    with socketserver.UnixStreamServer(str(socket_path), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield services
        finally:
            server.shutdown()
            thread.join()
            services.stop()
