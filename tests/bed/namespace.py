"""Starts and ends the closed network, and leads ports of this machine's loopback into it."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rockpool.step import Argv
from tests.bed import addresses
from tests.bed.closed_network import join


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """A closed network that is up. It ends with the last process in it."""

    pid: int
    relay: Path

    @property
    def prefix(self) -> Argv:
        """What runs a command in there; it becomes that command, and keeps directory and files as they are."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net", "--")

    @contextmanager
    def forward(self, port: int) -> Iterator[None]:
        """Lead a port of this machine's loopback to the same one in there."""
        with socket.create_server(("127.0.0.1", port)) as server:
            threading.Thread(target=self._accept, args=(server, port), daemon=True).start()
            try:
                yield
            finally:
                server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts

    def _accept(self, server: socket.socket, port: int) -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=self._lead, args=(client, port), daemon=True).start()

    def _lead(self, client: socket.socket, port: int) -> None:
        inner = socket.socket(socket.AF_UNIX)
        inner.connect(str(self.relay))
        inner.sendall(f"{port}\n".encode())
        join(client, inner)


@contextmanager
def closed(directory: Path) -> Iterator[Namespace]:
    """Hold a closed network for the block. It ends with us, also when we are killed: the holder reads our pipe."""
    relay = directory / "relay.sock"
    relay.unlink(missing_ok=True)
    program = Path(__file__).with_name("closed_network.py")
    listed = (*addresses.ALL, addresses.HOST6, *_resolvers())
    argv = ("unshare", "--net", sys.executable, "-I", str(program), str(relay), *listed)
    with ExitStack() as stack:
        holder = stack.enter_context(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        stack.callback(holder.kill)
        assert holder.stdout
        if holder.stdout.readline() != "ready\n":
            raise RuntimeError(f"the closed network did not come up: exit {holder.wait(5)}")
        yield Namespace(pid=holder.pid, relay=relay)


def _resolvers() -> list[str]:
    """Return the name servers that QEMU's user network will ask: in there they have to be ours."""
    words = [line.split() for line in Path("/etc/resolv.conf").read_text().splitlines()]
    named = [ipaddress.ip_address(line[1]) for line in words if line[:1] == ["nameserver"] and "%" not in line[1]]
    return [str(address) for address in named if not address.is_loopback]
