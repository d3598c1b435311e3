"""Images in the root VM: those that workspaces are made from, and a user's own, built there.

Building happens where the image is used: behind the firewall of the workspaces, as their user, in their id mapping. So
what a Containerfile fetches and runs can do no more than what a workspace does, and no host needs a builder.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tarfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rockpool import names
from rockpool.current import State
from rockpool.errors import Damaged, Fault, InputError, StepFailed
from rockpool.execute import machine, process, settings
from rockpool.step import Argv

Tell = Callable[[str], None]
Reach = Callable[[Argv], Argv]
"""Returns the command that runs an argv in the root VM."""

OURS = "workspace"
TAG = re.compile(r"[a-z0-9]+([._-][a-z0-9]+){0,8}(:[a-z0-9][a-z0-9._-]{0,30})?")
"""A user's own name for an image, with or without a version."""

_PODMAN: Argv = ("podman", "--url", f"unix://{names.PODMAN_SOCKET}")

# Squashed, it does not lie on our own image's layers, which go with that image's next version. The first create makes
# the mapped copy, which takes long and is made once: here, and not while somebody waits for a workspace.
_BUILD = """
work=$(mktemp -d /var/tmp/rockpool-build.XXXXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM PIPE
tar -x -f - -C "$work"
podman --url "$1" build --pull=missing --squash-all --force-rm --userns-uid-map=0:1:65536 --userns-gid-map=0:1:65536 \
    --file "$work/$3" --tag "$2" "$work"
echo "prepare $2 for workspaces"
podman --url "$1" rm --force --ignore rockpool-build
podman --url "$1" create --name rockpool-build --network none --userns=nomap "$2" true
podman --url "$1" rm rockpool-build
podman --url "$1" image prune --force
"""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """One image in the root VM. `size` is in bytes, `containers` says how many stand on it."""

    names: tuple[str, ...]
    id: str
    size: int
    containers: int
    baked: bool
    """It came with the machine, on a read-only store."""


def reach(argv: Argv) -> Argv:
    """Return the command that runs `argv` in the root VM: as it is when this is the root VM, else by ssh.

    Raises what `machine.whole` raises when there is no root VM.
    """
    if Path(names.PODMAN_SOCKET).exists():
        return argv
    root, _ = machine.whole(settings.machine().name)
    return machine.ssh_command(root, shlex.join(argv))


def is_reachable() -> bool:
    """Say whether this is the root VM, or the one of this host runs."""
    if Path(names.PODMAN_SOCKET).exists():
        return True
    root = machine.survey().get(settings.machine().name)
    return root is not None and root.state is State.RUNNING


def build(containerfile: Path, tag: str, tell: Tell, reach: Reach = reach) -> str:
    """Build an image in the root VM and return what a workspace's spec calls it; a later build of it takes its place.

    The directory of the Containerfile is the context. Raises InputError with all faults, StepFailed with the end of
    what was said.
    """
    faults = []
    if not containerfile.is_file():
        faults.append(Fault(field="--file", message=f"must be a file, and {containerfile} is none"))
    if not TAG.fullmatch(tag):
        message = f"must be a name such as tools or tools:2, in small letters, not {tag!r}"
        faults.append(Fault(field="--tag", message=message))
    elif tag.partition(":")[0] == OURS:
        faults.append(Fault(field="--tag", message=f"must not be {OURS}, which every workspace without an image uses"))
    if faults:
        raise InputError("the image", faults)
    socket, reference = f"unix://{names.PODMAN_SOCKET}", names.image_reference(tag)
    argv = reach(("sh", "-euc", _BUILD, "sh", socket, reference, containerfile.name))
    with _running(argv, tell) as child:
        assert child.stdin  # noqa: S101  # it was asked for
        # When the other side ends before its time, it says why.
        with suppress(BrokenPipeError), child.stdin, tarfile.open(fileobj=child.stdin, mode="w|") as archive:
            archive.add(containerfile.resolve().parent, arcname=".")
    return tag


def survey(reach: Reach = reach) -> tuple[Inside, ...]:
    """Return the images in the root VM that have a name, or that a container stands on."""
    found = process.run(reach((*_PODMAN, "images", "--format", "json")), seconds=120)
    try:
        rows = [_row(row) for row in json.loads(found)]
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged("cannot read Podman's list of images", why=repr(error)) from error
    # Podman has a row for each name, with all names in each.
    named = {row.id: row for row in rows if row.names or row.containers}
    return tuple(sorted(named.values(), key=lambda row: (row.names, row.id)))


def prune(reach: Reach = reach) -> tuple[str, ...]:
    """Remove the images in the root VM that no workspace uses, but those that came with it; return what went."""
    before = {row.id: row for row in survey(reach)}
    process.run(reach((*_PODMAN, "image", "prune", "--all", "--force")), seconds=600)
    gone = set(before) - {row.id for row in survey(reach)}
    return tuple(" ".join(before[one].names) or one for one in sorted(gone))


def _row(row: dict[str, object]) -> Inside:
    return Inside(
        names=tuple(sorted(map(str, row.get("Names") or ()))),  # type: ignore[call-overload]  # checked by survey
        id=str(row["Id"])[:12],
        size=int(str(row["Size"])),
        containers=int(str(row.get("Containers") or 0)),
        baked=bool(row.get("ReadOnly")),
    )


@contextmanager
def _running(argv: Argv, tell: Tell) -> Iterator[subprocess.Popen[bytes]]:
    """Feed a command in the block, then tell what it says. Raises StepFailed with the end of that when it fails."""
    pipe = subprocess.PIPE
    last: deque[str] = deque(maxlen=15)
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, process_group=0) as child:
        try:
            yield child
            for line in child.stdout or ():
                text = line.decode(errors="replace").rstrip()
                last.append(text)
                tell(text)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise StepFailed(f"cannot build the image: exit {child.returncode}", why="\n".join(last))
