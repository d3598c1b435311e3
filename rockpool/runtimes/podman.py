"""Workspaces as rootless containers of Podman.

Containers are driven through Podman's API socket; what that does not offer, homes and routes and the survey, through
the verbs of `rockpool.guest.wsctl`. Nothing here needs root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rockpool import names
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, InputError
from rockpool.runtimes.base import Change
from rockpool.spec import MIB, Workspace
from rockpool.step import Argv, Run, Steps

FIRST_USER = 5001
"""The lowest number that a workspace's user may have inside its container."""

OWNER = "rockpool"
STOP_SECONDS = 10
"""How long what runs inside may take to end by itself."""

_ANSWER_SECONDS = 190  # a little more than wsctl itself waits
_PODMAN: Argv = ("podman", "--url", f"unix://{names.PODMAN_SOCKET}")


@dataclass(frozen=True, kw_only=True)
class Podman:
    """Says what to run for a workspace in a container.

    `users` are the numeric users that homes belong to already, by workspace; a new workspace gets the lowest free one.
    """

    users: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def surveyed(cls, stdout: str) -> Podman:
        """Return the runtime that knows whose homes are there. Raises Damaged when the survey cannot be read."""
        told = _load(stdout)
        try:
            labelled = {row["name"]: int(row["labels"].get("rockpool.user", 0)) for row in told["containers"]}
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(error) from error
        return cls(users={**told["kept"], **labelled, **told["homes"]})

    @property
    def survey(self) -> Run:
        """Print containers, homes and routes as one JSON document."""
        return Run(argv=(names.WSCTL, "survey"), why="look at the workspaces", seconds=120)

    def parse(self, stdout: str) -> dict[str, WorkspaceCurrent]:
        """Read what `survey` printed."""
        told = _load(stdout)
        try:
            rows = {row["name"]: row for row in told["containers"]}
            found = {name: _current(row, told) for name, row in rows.items()}
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(error) from error
        return found | {
            name: WorkspaceCurrent(state=State.INCOMPLETE, home=True, user=user, routes=_routes(name, told))
            for name, user in told["homes"].items()
            if name not in rows
        }

    def create(self, spec: Workspace) -> Steps:
        """Make the home, unless it is there, and the container."""
        user = self._user(spec)
        return (
            _verbs(f"home create {spec.name} {user}", why=f"make the home of {spec.name}"),
            _podman(
                "create",
                *_labels(spec, user),
                *_limits(spec),
                "--restart=no",
                *_fixed(spec, user),
                why=f"create workspace {spec.name} from image {spec.image}",
                seconds=300,
            ),
        )

    def start(self, spec: Workspace) -> Steps:
        """Start the container, open its route and wait until it answers there."""
        route = names.route(spec.name, names.IDE_PORT_NAME)
        return (
            _podman("update", "--restart=always", _box(spec), why=f"let {spec.name} come back after a reboot"),
            _podman("start", _box(spec), why=f"start workspace {spec.name}"),
            _verbs(
                f"route start {route}",
                f"route wait {route}",
                why=f"wait until {spec.name} answers",
                seconds=_ANSWER_SECONDS,
            ),
        )

    def stop(self, spec: Workspace) -> Steps:
        """Close the route and stop the container; its layer stays. A reboot does not start it again."""
        return (
            _podman("update", "--restart=no", _box(spec), why=f"let {spec.name} stay stopped after a reboot"),
            _verbs(f"route stop {names.route(spec.name, names.IDE_PORT_NAME)}", why=f"close the route of {spec.name}"),
            _podman(
                "stop",
                f"--time={STOP_SECONDS}",
                _box(spec),
                why=f"stop workspace {spec.name}",
                seconds=STOP_SECONDS + 60,
            ),
        )

    def remove(self, spec: Workspace) -> Steps:
        """Remove the container and its layer; the home is kept aside."""
        return (
            _drop(spec, why=f"remove workspace {spec.name}"),
            _verbs(
                f"route stop {names.route(spec.name, names.IDE_PORT_NAME)}",
                f"home keep {spec.name}",
                why=f"set the home of {spec.name} aside",
            ),
        )

    def change(self, spec: Workspace, current: WorkspaceCurrent) -> Change:
        """Limits change while it runs. Anything else makes a new container: the home stays, its layer is lost."""
        if current.made_as != self.made_as(spec):
            lost = "what was installed in it outside the home is lost"
            drop = _drop(spec, why=f"replace the container of {spec.name}: {lost}")
            return Change(steps=(drop, *self.create(spec)))
        if current.spec == spec:
            return Change()
        update = _podman("update", *_limits(spec), _box(spec), why=f"change the limits of {spec.name}")
        return Change(steps=(update,), live=True)

    def enter(self, spec: Workspace) -> Argv:
        """Return what runs an argv inside, as the workspace's user."""
        return (*_PODMAN, "exec", _box(spec))

    def made_as(self, spec: Workspace) -> str:
        """Return the digest of everything about a container that only a new container can change."""
        return _made_as(spec, self._user(spec))

    def _user(self, spec: Workspace) -> int:
        if spec.name in self.users:
            return self.users[spec.name]
        taken = set(self.users.values())
        return next(number for number in range(FIRST_USER, FIRST_USER + len(taken) + 1) if number not in taken)


def _box(spec: Workspace) -> str:
    return names.container(spec.name)


def _podman(*arguments: str, why: str, seconds: float = 120) -> Run:
    return Run(argv=(*_PODMAN, *arguments), why=why, seconds=seconds)


def _verbs(*verbs: str, why: str, seconds: float = 120) -> Run:
    return Run(argv=(names.WSCTL, *verbs), why=why, seconds=seconds)


def _drop(spec: Workspace, *, why: str) -> Run:
    return _podman("rm", "--force", "--ignore", f"--time={STOP_SECONDS}", "--volumes", _box(spec), why=why)


def _labels(spec: Workspace, user: int) -> Argv:
    """Return what says whose the container is, and what it was made from. Podman cannot change labels later."""
    labels = {
        "rockpool.owner": OWNER,
        "rockpool.workspace": spec.name,
        "rockpool.port": str(spec.port),
        "rockpool.user": str(user),
        "rockpool.made-as": _made_as(spec, user),
        "rockpool.spec": json.dumps(_told(spec), separators=(",", ":"), sort_keys=True),
    }
    return tuple(f"--label={key}={text}" for key, text in labels.items())


def _told(spec: Workspace) -> dict[str, object]:
    data = spec.to_data()
    return {key: data[key] for key in ("cpus", "image", "memory", "name", "pids", "port", "sudo")}


def _made_as(spec: Workspace, user: int) -> str:
    return hashlib.sha256("\0".join(_fixed(spec, user)).encode()).hexdigest()[:16]


def _limits(spec: Workspace) -> Argv:
    # Without its own limit, swap would be allowed as much again as memory.
    memory = f"{spec.memory // MIB}m"
    return (f"--memory={memory}", f"--memory-swap={memory}", f"--cpus={spec.cpus}", f"--pids-limit={spec.pids}")


def _fixed(spec: Workspace, user: int) -> Argv:
    """Return what stays as it is for the container's whole life. A change here makes a new container."""
    walls = () if spec.sudo else ("--cap-drop=all", "--security-opt=no-new-privileges")
    return (
        f"--name={_box(spec)}",
        f"--hostname={spec.name}",
        "--pull=never",
        # One mapping for all: each further one would copy the whole image. The numeric user tells workspaces apart.
        "--userns=nomap",
        f"--user={user}:{user}",
        f"--group-add={names.WORKSPACE_GROUP_ID}",
        f"--passwd-entry=coder:*:{user}:{user}:workspace:{names.HOME_INSIDE}:/bin/bash",
        f"--group-entry=coder:x:{user}:",
        f"--volume={names.home(spec.name)}:{names.HOME_INSIDE}",
        f"--workdir={names.HOME_INSIDE}",
        # Relative to the IDE's own page: the door knows where previews live, so a container never has to.
        "--env=VSCODE_PROXY_URI=./port/{{port}}/",
        f"--env=PORT={spec.port}",
        "--log-driver=journald",
        f"--stop-timeout={STOP_SECONDS}",
        *walls,
        names.image_reference(spec.image),
    )


def _load(stdout: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(stdout)
        return {key: told[key] for key in ("containers", "homes", "kept", "routes")}
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Damaged:
    return Damaged("cannot read the survey of workspaces", why=repr(error), fix="see the journal of rockpool-ws")


def _current(row: Mapping[str, Any], told: Mapping[str, Any]) -> WorkspaceCurrent:
    name, labels = row["name"], row["labels"]
    if not row["owned"] or labels.get("rockpool.owner") != OWNER:
        return WorkspaceCurrent(state=State.STOPPED, foreign=f"container {row['container']} without our labels")
    routes = _routes(name, told)
    return WorkspaceCurrent(
        state=_state(row, routes),
        spec=_spec(row),
        image_id=row["image"],
        home=name in told["homes"],
        user=int(labels["rockpool.user"]),
        made_as=labels["rockpool.made-as"] if name in told["homes"] else "",
        routes=routes,
    )


def _state(row: Mapping[str, Any], routes: frozenset[str]) -> State:
    """Running means that it answers and comes back after a reboot; stopped, neither."""
    up = (row["state"] == "running", row["restart"] == "always", names.IDE_PORT_NAME in routes)
    if all(up):
        return State.RUNNING
    return State.UNSETTLED if any(up) else State.STOPPED


def _spec(row: Mapping[str, Any]) -> Workspace | None:
    """Return what it was made from, with the limits that it has now; None when a later release has made it."""
    cpus = row["cpus"]
    limits = {
        "cpus": int(cpus) if cpus == int(cpus) else cpus,
        "memory": f"{row['memory'] // MIB}m",
        "pids": row["pids"],
    }
    if row["swap"] != row["memory"]:
        return None
    try:
        return Workspace.parse({**json.loads(row["labels"]["rockpool.spec"]), **limits})
    except (InputError, ValueError):
        return None


def _routes(name: str, told: Mapping[str, Any]) -> frozenset[str]:
    found = (route.rsplit(".", 1) for route in told["routes"])
    return frozenset(port for of, port in found if of == name)
