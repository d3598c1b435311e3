"""An installation of a test's own: a home in which the deployed root VM runs as it did when it was saved.

Everything that a user does with `rockpool` works in it as on a host of its own: deploy again, look for drift, rebuild.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from rockpool.execute import deploy, home, machine, secrets, settings
from rockpool.execute.machine import identity
from rockpool.execute.machine.directory import directory, whole
from rockpool.step import Argv
from tests.bed import ports, saved
from tests.bed.guest import Guest


@dataclass(frozen=True, kw_only=True)
class Site:
    """One installation: its home, its root VM, and the URLs of its doors as a browser says them."""

    home: Path
    name: str
    app: str
    ide: str
    preview: str

    @property
    def guest(self) -> Guest:
        """The root VM as it runs now."""
        return saved.guest(self.name)

    @property
    def password(self) -> str:
        """The door's password."""
        return secrets.admin().password.reveal()

    def rockpool(self, *argv: str, seconds: float = 900, within: Argv = ()) -> subprocess.CompletedProcess[str]:
        """Run the `rockpool` program to its end, whatever that is; `within` is a prefix."""
        return subprocess.run(
            (*within, *rockpool(*argv)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def kill(self) -> None:
        """Pull the plug of the root VM."""
        machine = directory(self.name)
        pid, uuid = identity.find(machine), machine.uuid
        os.kill(pid, signal.SIGKILL)
        assert identity.wait_gone(pid, uuid, 60)

    def start(self) -> None:
        """Start the root VM as a user does, and wait until it answers."""
        done = self.rockpool("vm", "start")
        assert done.returncode == 0, done.stderr
        saved.leave_room(self.guest)


def rockpool(*argv: str) -> Argv:
    """Return what runs the `rockpool` program of this checkout."""
    return (sys.executable, "-m", "rockpool.cli.main", *argv)


@contextmanager
def site(name: str) -> Iterator[Site]:
    """Have an installation for the block, with the root VM that was saved under `name`.

    It has the ports that it was deployed with. Where another run has them now, it gets others and is deployed again,
    because the door's redirects name them.
    """
    source, spec = whole(name)
    bed = home.home()
    taken = not ports.are_free(forward.host_port for forward in spec.forwards)
    with _furnished(bed) as place:
        for part in ("secrets", "hosts"):
            shutil.copytree(bed / part, place / part)
        if taken:
            spec = saved.with_own_ports(spec)
        saved.choose_doors(spec)
        try:
            copy = directory(name)
            saved.lay_over(copy, source, replace(spec, ssh_port=ports.free(1)[0]))
            saved.resume(copy, source)
            if taken:
                deploy.refuse_failure(deploy.run("-y", tell=lambda _: None))
            yield Site(home=place, name=name, **settings.base_urls(spec))
        finally:
            machine.destroy(name)


@contextmanager
def empty(**chosen: object) -> Iterator[Site]:
    """Have an installation in which nothing was ever deployed, its machine chosen like this."""
    with _furnished(home.home()) as place:
        doors = dict(zip(settings.PORTS, ports.free(len(settings.PORTS)), strict=True))
        saved.choose(machine={**saved.SPEC, **chosen}, ports=doors)
        spec = settings.machine()
        try:
            yield Site(home=place, name=spec.name, **settings.base_urls(spec))
        finally:
            for name in machine.survey():
                machine.destroy(name)


def clean() -> None:
    """End what the sites of a killed run left."""
    for place in (home.home() / "sites").glob("*"):
        with _as_home(place):
            for name in machine.survey():
                machine.destroy(name)
        shutil.rmtree(place)


@contextmanager
def _furnished(bed: Path) -> Iterator[Path]:
    """Have a new home with the images of the bed's. It goes when the block ends well: a failed test's is kept."""
    tried = (bed / "sites" / f"{os.getpid()}.{number}" for number in count())
    place = next(path for path in tried if not path.exists())
    place.mkdir(mode=0o711, parents=True)
    place.parent.chmod(0o711)
    (place / "images").symlink_to(bed / "images")
    with _as_home(place):
        yield place
    shutil.rmtree(place)


@contextmanager
def _as_home(place: Path) -> Iterator[None]:
    before = os.environ["ROCKPOOL_HOME"]
    os.environ["ROCKPOOL_HOME"] = str(place)
    try:
        yield
    finally:
        os.environ["ROCKPOOL_HOME"] = before
