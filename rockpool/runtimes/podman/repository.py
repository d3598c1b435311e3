"""Cloning a repository into a new home, from inside the workspace."""

from __future__ import annotations

from rockpool import names
from rockpool.runtimes.podman.container import inside
from rockpool.runtimes.podman.homes import verbs
from rockpool.spec import Workspace
from rockpool.step import Run, Steps

CLONE_SECONDS = 1800
"""How long a clone may take."""

# A killed caller leaves git running inside, so the next one waits for its end by the lock on the home.
_SCRIPT = """\
exec 9<. && flock 9 || exit
[ ! -e "$2" ] || exit 0
part=".$2.part"
rm -rf -- "$part"
export GIT_TERMINAL_PROMPT=0 GIT_HTTP_LOW_SPEED_LIMIT=1 GIT_HTTP_LOW_SPEED_TIME=60
export GIT_SSH_COMMAND="ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=30"
timeout "$4" git clone --progress ${3:+"--branch=$3"} -- "$1" "$part" || exit
mv -T -- "$part" "$2"
"""


def clone(spec: Workspace) -> Steps:
    """Clone the repository as the workspace's user, beside its place and moved there whole.

    A clone that fails leaves a workspace that can be used, and is not tried again.
    """
    if not spec.repository:
        return ()
    place = names.checkout(spec.repository)
    arguments = (spec.repository, place, spec.branch, str(CLONE_SECONDS))
    return (
        Run(
            argv=(*inside(spec), "sh", "-c", _SCRIPT, "clone", *arguments),
            why=f"clone {spec.repository} to ~/{place} of {spec.name}",
            seconds=CLONE_SECONDS + 60,
            required=False,
        ),
        verbs(f"home cloned {spec.name}", why=f"remember that {spec.name} has had its repository"),
    )
