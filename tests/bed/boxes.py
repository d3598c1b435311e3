"""Containers for tests of what stands around workspaces: labelled as one, or almost, and as small as can be."""

from __future__ import annotations

from rockpool import names
from tests.bed import small
from tests.bed.guest import WORKSPACE_USER, Guest

WORKER = ("setpriv", "--reuid=rockpool-worker", "--regid=rockpool-worker", "--init-groups")
CADDY = ("setpriv", "--reuid=caddy", "--regid=caddy", "--init-groups")
OWNER = ("env", "XDG_RUNTIME_DIR=/run/user/900", *WORKSPACE_USER)
DISK = "/var/lib/rockpool-ws"


def alone(guest: Guest) -> None:
    """Let nobody else drive workspaces: the worker would take these for its own."""
    guest.run("systemctl", "stop", "rockpool-worker.service")


def wsctl(guest: Guest, *verbs: str) -> str:
    """Say verbs as the worker does. Raises StepFailed with the reason."""
    return guest.run(*WORKER, names.WSCTL, *verbs, seconds=300)


def box(guest: Guest, name: str, *options: str, label: str = "", user: int = 0, port: int = 8080) -> None:
    """Run a container called `ws-NAME` with the labels of a workspace, which may be another's."""
    labels = {"workspace": label or name, "owner": "rockpool", "port": str(port)}
    given = [f"--label=rockpool.{key}={text}" for key, text in labels.items()]
    home = (f"--user={user}:{user}", f"--volume={DISK}/homes/{name}:/home/coder") if user else ()
    own = ("--userns=nomap", "--restart=no", f"--env=PORT={port}", *home)
    guest.run(*guest.podman("run", "--detach", f"--name=ws-{name}", *given, *own, *options, small.REFERENCE))


def drop(guest: Guest, *boxes: str) -> None:
    """Remove containers, if they are there."""
    if boxes:
        guest.run(*guest.podman("rm", "--force", "--ignore", "--time=0", *(f"ws-{name}" for name in boxes)))


def answer(guest: Guest, route: str) -> str:
    """Return what Caddy gets by a route: the page, or nothing."""
    socket = f"{names.ROUTES_DIR}/{route}.sock"
    told = guest.sh('"$@" || true', *CADDY, *_CURL, "--unix-socket", socket, "http://route/")
    return told.strip()


_CURL = ("curl", "-sf", "--max-time", "60")


def user_unit(guest: Guest, *words: str) -> str:
    """Run systemctl for the units of the workspaces' user, whatever it exits with."""
    return guest.sh('systemctl --user --machine=rockpool-ws@ "$@" || true', *words).strip()
