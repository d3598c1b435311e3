"""What a workspace's container has printed, from the machine's journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from rockpool import names
from rockpool.errors import HostNotReady
from rockpool.step import Argv

_CHUNK = 16_384


class Logs(Protocol):
    """Where logs come from."""

    async def open(self, workspace: str, *, since: int, tail: int, follow: bool) -> AsyncIterator[bytes]:
        """Return the last `tail` lines printed after `since` (ms), and with `follow` what comes. Raises HostNotReady.

        Closing the iterator ends what was started for it.
        """
        ...


class Journal:
    """Reads by journalctl; the process has to be in the group that may read the journal."""

    def __init__(self, program: Argv = ("journalctl",)) -> None:
        self._program = program

    async def open(self, workspace: str, *, since: int, tail: int, follow: bool) -> AsyncIterator[bytes]:
        """Start journalctl and return what it prints."""
        argv = (*self._program, *arguments(workspace, since=since, tail=tail, follow=follow))
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=_CHUNK
            )
        except OSError as error:
            raise HostNotReady("cannot read the journal", why=str(error), fix="install systemd's journal") from error
        return _printed(process)


class NoLogs:
    """For a runtime in which nothing runs."""

    async def open(self, workspace: str, *, since: int, tail: int, follow: bool) -> AsyncIterator[bytes]:  # noqa: ARG002
        """Nothing was printed."""
        return _nothing()


def arguments(workspace: str, *, since: int, tail: int, follow: bool) -> Argv:
    """Return what journalctl is told. An older workspace of the same name is not read."""
    return (
        "--quiet",
        "--no-pager",
        "--output=cat",
        f"--since=@{since // 1000}",
        f"--lines={tail}",
        *(("--follow",) if follow else ()),
        f"CONTAINER_NAME={names.container(workspace)}",
    )


async def _printed(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    assert process.stdout  # noqa: S101  # it was asked for
    try:
        while chunk := await process.stdout.read(_CHUNK):
            yield chunk
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _nothing() -> AsyncIterator[bytes]:
    lines: tuple[bytes, ...] = ()
    for line in lines:
        yield line
