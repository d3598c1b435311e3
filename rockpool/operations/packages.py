"""Debian packages: those of the distribution, and our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pyinfra.api.command import FileUploadCommand
from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import RockpoolError
from rockpool.facts.packages import UPLOADS, Packages, PackageState
from rockpool.facts.script import Commands, argv, script
from rockpool.operations.refuse import refuse


class Deb(Protocol):
    """A package file of ours on this machine."""

    @property
    def package(self) -> str: ...  # noqa: D102

    @property
    def version(self) -> str: ...  # noqa: D102

    @property
    def path(self) -> Path: ...  # noqa: D102


@operation()
def present(
    names: Sequence[str], *, debs: Sequence[Deb] | Callable[[], Sequence[Deb]] = (), verify: Sequence[str] = ()
) -> Commands:
    """Packages that are installed, whatever interrupted an earlier attempt.

    + names: of the distribution, any version, by the host's own apt sources; no virtual names
    + debs: of ours, exactly that version; uploaded only when it is not there. A function is asked while this operation
      runs: an earlier one of the same deploy may have built them
    + verify: those of `debs` whose files are compared with their checksums; a damaged one is installed again
    """
    try:
        ours = debs() if callable(debs) else debs
    except RockpoolError as error:
        yield refuse(error)
        return
    current = host.get_fact(Packages, verify=tuple(sorted(verify)))
    missing = [name for name in names if name not in current.installed]
    needed = [deb for deb in ours if not _whole(current, deb)]
    if not (missing or needed or current.broken or current.uploads):
        host.noop(f"all {len(names) + len(ours)} packages are installed")
        return
    if needed:
        yield argv("install", "-d", "-m", "700", UPLOADS)
    for deb in needed:
        yield FileUploadCommand(str(deb.path), _upload(deb))
    if missing or needed or current.broken:
        yield script("install_packages", "yes" if missing else "no", *missing, *map(_upload, needed))
    if needed or current.uploads:
        yield argv("rm", "-rf", UPLOADS)


def _whole(current: PackageState, deb: Deb) -> bool:
    return current.installed.get(deb.package) == deb.version and deb.package not in current.damaged


def _upload(deb: Deb) -> str:
    return f"{UPLOADS}/{deb.package}.deb"
