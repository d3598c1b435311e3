"""A Debian that runs no kernel of its own: a tree with an sshd, natively as quick as this machine.

What is done in it is done to a copy in memory, in a mount and a pid namespace of its own, and gone at the end. It
shares the loopback with this machine, where its sshd listens on a port of its own.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rockpool.execute import home
from rockpool.execute.image import client, store, tree
from rockpool.execute.image.pins import SOURCES, architecture, pins
from rockpool.execute.machine.keys import SshAddress
from rockpool.execute.machine.until import until
from tests.bed import ports

_PACKAGES = ("openssh-server", "python3-minimal")
_SETTINGS = """\
ListenAddress 127.0.0.1:{port}
HostKey /scratch/host
AuthorizedKeysFile /scratch/user.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
Subsystem sftp internal-sftp
"""
_ENTER = """
mount -t tmpfs -o mode=755 native "$2"
mkdir "$2/upper" "$2/work" "$2/whole"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" native "$2/whole"
exec "$4" "$2/whole" "$3" sh -euc 'mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e -f /scratch/settings'
"""


@contextmanager
def native(directory: Path) -> Iterator[SshAddress]:
    """Have one for the block; `directory` is empty, and holds its keys and its log."""
    scratch, memory = directory / "scratch", directory / "memory"
    scratch.mkdir()
    memory.mkdir()
    (port,) = ports.free(1)
    for name in ("host", "user"):
        argv = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(scratch / name))
        subprocess.run(argv, check=True, timeout=60)
    (scratch / "settings").write_text(_SETTINGS.format(port=port))
    known = directory / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {(scratch / 'host.pub').read_text()}")
    words = map(str, (_tree(), memory, scratch, SOURCES / "enter.sh"))
    with (
        (directory / "sshd.log").open("w") as log,
        subprocess.Popen((*tree.ALONE, "sh", "-euc", _ENTER, "sh", *words), stderr=log) as holder,
    ):
        try:
            if not any(_listens(port) for _ in until(60, 0.1) if holder.poll() is None):
                raise RuntimeError((directory / "sshd.log").read_text())
            yield SshAddress(host="127.0.0.1", port=port, user="root", key=scratch / "user", known_hosts=known)
        finally:
            holder.kill()  # and with it everything in its namespaces


def _tree() -> Path:
    """Return the tree, made when it is not there (a minute)."""
    arch = architecture()
    parts = {"packages": " ".join(_PACKAGES).encode(), "suite": pins(arch).suite.encode(), "arch": arch.encode()}
    return store.ensure("native", arch, store.key(parts), _make) / "tree"


def _make(path: Path) -> None:
    suite = pins(architecture()).suite
    tree.make(path / "tree", suite, _PACKAGES, client.read(suite), home.home() / "native.log")


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
        return client.recv(4) == b"SSH-"
    return False
