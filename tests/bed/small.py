"""A workspace image of two megabytes, for tests that need many workspaces and nothing in them.

It serves HTTP on its loopback at `$PORT`, ends at SIGTERM, and has a shell. It is made once from Debian's busybox, lies
beside the images of the bed, and is put into a machine once it was deployed.
"""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
import tarfile
from pathlib import Path

from rockpool.execute import home
from rockpool.execute.image import client, store, tree
from rockpool.execute.image.pins import architecture, pins
from tests.bed.guest import Guest

NAME = "small"
"""What a workspace's spec calls it."""

REFERENCE = f"localhost/rockpool/{NAME}:latest"

_SERVE = """\
#!/bin/sh
trap 'kill $!; exit 0' TERM
httpd -f -p "127.0.0.1:${PORT:-8080}" -h /www &
wait $!
"""
_FILES = {"serve": _SERVE, "www/index.html": "small\n", "www/healthz": "ok\n", "etc/passwd": "", "etc/group": ""}
_DIRECTORIES = {"home/coder": 0o1777, "tmp": 0o1777, "proc": 0o755, "sys": 0o755, "dev": 0o755, "run": 0o755}


def archive() -> Path:
    """Return the image's root file system as a tar archive, made when it is not there (half a minute)."""
    arch = architecture()
    key = store.key({"source": Path(__file__).read_bytes(), "arch": arch.encode()})
    return store.ensure(NAME, arch, key, _make) / "small.tar.gz"


def load(guest: Guest) -> str:
    """Have it in a machine and return the name by which a workspace asks for it. The mapped copy is made here."""
    if guest.run(*guest.podman("images", "--quiet", REFERENCE)):
        return NAME
    changes = ('--change=ENTRYPOINT ["/serve"]', "--change=WORKDIR /home/coder", "--change=EXPOSE 8080")
    with archive().open("rb") as file:
        argv = guest.podman("import", "--quiet", *changes, "-", REFERENCE)
        subprocess.run((*guest.ssh, shlex.join(argv)), stdin=file, check=True, capture_output=True, timeout=300)
    container = f"load-{NAME}"
    guest.run(*guest.podman("create", f"--name={container}", "--network=none", "--userns=nomap", REFERENCE))
    guest.run(*guest.podman("rm", container))
    return NAME


def _make(path: Path) -> None:
    suite, scratch = pins(architecture()).suite, path / "scratch"
    tree.make(scratch, suite, ("busybox-static",), client.read(suite), home.home() / "small.log", variant="extract")
    busybox = scratch / "usr/bin/busybox"
    applets = subprocess.run((busybox, "--list"), capture_output=True, text=True, check=True, timeout=30).stdout.split()
    with tarfile.open(path / "small.tar.gz", "w:gz") as archive:
        archive.add(busybox, "bin/busybox", filter=_of_root)
        for applet in applets:
            if applet != "busybox":
                _add(archive, f"bin/{applet}", kind=tarfile.SYMTYPE, target="busybox")
        for name, mode in _DIRECTORIES.items():
            _add(archive, name, kind=tarfile.DIRTYPE, mode=mode)
        for name, text in _FILES.items():
            _add(archive, name, content=text.encode(), mode=0o755 if name == "serve" else 0o644)
    shutil.rmtree(scratch)


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _add(
    archive: tarfile.TarFile,
    name: str,
    *,
    kind: bytes = tarfile.REGTYPE,
    content: bytes = b"",
    target: str = "",
    mode: int = 0o755,
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mode, member.linkname = kind, len(content), mode, target
    archive.addfile(member, io.BytesIO(content))
