"""What to run for a workspace in a container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rockpool import names
from rockpool.current import State, WorkspaceCurrent
from rockpool.errors import Damaged, NotFound
from rockpool.runtimes.base import Change
from rockpool.runtimes.podman import container, homes, survey
from rockpool.runtimes.podman.container import STOP_SECONDS, podman
from rockpool.runtimes.podman.homes import ANSWER_SECONDS, verbs
from rockpool.runtimes.podman.repository import clone
from rockpool.spec import Workspace
from rockpool.step import Argv, Run, Steps

FIRST_USER = 5001
"""The lowest number that a workspace's user may have inside its container."""


@dataclass(frozen=True, kw_only=True)
class Podman:
    """Says what to run for a workspace in a container.

    `users` are the numeric users that homes belong to already, by workspace, or by NAME.TIME for homes that were set
    aside; a new workspace gets the lowest free one. `room` is the size in bytes of the disk that they lie on, 0 when it
    is not known: a larger limit is none. `answer` is how many seconds a workspace may take to answer.
    """

    users: Mapping[str, int] = field(default_factory=dict)
    room: int = 0
    answer: int = ANSWER_SECONDS

    def surveyed(self, stdout: str) -> Podman:
        """Return the runtime that knows whose homes are there. Raises Damaged when the survey cannot be read."""
        return replace(self, users=survey.users(stdout), room=survey.room(stdout))

    @property
    def survey(self) -> Run:
        """Print containers, homes, quotas, routes and ports as one JSON document."""
        return verbs("survey", why="look at the workspaces")

    def parse(self, stdout: str) -> dict[str, WorkspaceCurrent]:
        """Read what `survey` printed."""
        return survey.parse(stdout)

    def create(self, spec: Workspace, current: WorkspaceCurrent | None, *, running: bool) -> Steps:
        """Make the home, unless it is there, and the container, which is limited before anything runs in it."""
        user = self.user(spec, current)
        made = () if current and current.home else (self._home(spec, user),)
        closed = () if running or not current else homes.closed(spec, current.routes)
        tidied = verbs(
            homes.limit(spec),
            *closed,
            *homes.unwanted(spec, current),
            why=f"limit the disk of {spec.name}",
        )
        steps: Steps = (*made, container.create(spec, user, restart=running), tidied)
        return steps + self._run(spec, current) if running else steps

    def start(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:
        """Start the container, open its routes, wait until it answers and clone its repository, as far as missing."""
        if current.state is not State.RUNNING or current.paused:
            again = podman("update", "--restart=always", _box(spec), why=f"let {spec.name} come back after a reboot")
            return (*_unpaused(spec, current), again, *self._run(spec, current))
        missing = homes.missing(spec, current)
        opened = (verbs(*missing, why=f"open routes of {spec.name}"),) if missing else ()
        return (*opened, *(() if current.cloned else clone(spec)))

    def stop(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:
        """Close the routes and stop the container; its layer stays. A reboot does not start it again."""
        if current.state is State.STOPPED:
            return ()
        return (
            *_unpaused(spec, current),
            podman("update", "--restart=no", _box(spec), why=f"let {spec.name} stay stopped after a reboot"),
            verbs(*homes.closed(spec, current.routes | {names.IDE_PORT_NAME}), why=f"close the routes of {spec.name}"),
            podman(
                "stop",
                f"--time={STOP_SECONDS}",
                _box(spec),
                why=f"stop workspace {spec.name}",
                seconds=STOP_SECONDS + 60,
            ),
        )

    def remove(self, spec: Workspace, current: WorkspaceCurrent) -> Steps:
        """Remove the container and its layer; the home is kept aside."""
        gone = () if current.state is State.INCOMPLETE else (_drop(spec, why=f"remove workspace {spec.name}"),)
        why = f"set the home of {spec.name} aside" if current.home else f"close the routes of {spec.name}"
        return (*gone, verbs(*homes.removed(spec, current), why=why))

    def change(self, spec: Workspace, current: WorkspaceCurrent) -> Change:
        """Limits and ports change while it runs. Anything else makes a new container: its layer is lost.

        Raises Damaged when there is a container without its home.
        """
        if not current.home:
            raise _homeless(spec)
        if current.made_as != self.made_as(spec, current):
            return Change(steps=(_drop(spec, why=_replaced(spec, current)),), anew=True)
        steps: list[Run] = []
        if (current.cpus, current.memory, current.swap, current.pids) != _limits(spec):
            steps.append(podman("update", *container.limits(spec), _box(spec), why=f"change the limits of {spec.name}"))
        disk = spec.disk if not self.room or spec.disk < self.room else 0
        if (current.disk, current.layer_disk) != (disk, disk):
            steps.append(verbs(homes.limit(spec), why=f"limit the disk of {spec.name}"))
        if unwanted := homes.unwanted(spec, current):
            steps.append(verbs(*unwanted, why=f"close ports of {spec.name}"))
        return Change(steps=tuple(steps), live=True)

    def enter(self, spec: Workspace) -> Argv:
        """Return what runs an argv inside, as the workspace's user."""
        return container.inside(spec)

    def recall(self, spec: Workspace) -> Run:
        """Print what env holds inside the container, for whoever adopts it: others must not see it."""
        return container.recall(spec)

    def recalled(self, spec: Workspace, stdout: str) -> Workspace:
        """Return the surveyed spec with what `recall` printed. Raises Damaged when that cannot be read."""
        try:
            return container.recalled(spec, stdout)
        except (ValueError, TypeError, AttributeError) as error:
            raise Damaged(f"cannot read the variables of {spec.name!r}", why=type(error).__name__) from None

    def made_as(self, spec: Workspace, current: WorkspaceCurrent | None = None) -> str:
        """Return the digest of everything about a container that only a new container can change."""
        return container.made_as(spec, self.user(spec, current))

    @property
    def kept(self) -> tuple[str, ...]:
        """The homes that were set aside, as NAME.TIME, oldest first."""
        return tuple(sorted((key for key in self.users if "." in key), key=_age))

    def purge(self, kept: str) -> Steps:
        """Delete a home that was set aside, for good."""
        return (verbs(f"home purge {kept}", why=f"delete the home that was set aside as {kept}", seconds=600),)

    def _run(self, spec: Workspace, current: WorkspaceCurrent | None) -> Steps:
        opened = (*homes.opened(spec), f"route wait {names.route(spec.name, names.IDE_PORT_NAME)}")
        return (
            podman("start", _box(spec), why=f"start workspace {spec.name}"),
            verbs(
                *opened,
                why=f"wait until {spec.name} answers",
                seconds=self.answer,
                fix=f"let it serve HTTP on port {spec.port} of its loopback; what it says: workspace.logs {spec.name}",
            ),
            *(() if current and current.cloned else clone(spec)),
        )

    def _home(self, spec: Workspace, user: int) -> Run:
        source = spec.home.partition("/")[2]
        if source and source not in self.users:
            raise NotFound(
                f"cannot make workspace {spec.name!r} with the home {spec.home!r}",
                why="there is no such home",
                fix="name a workspace that exists (copy/NAME) or a home that was set aside (kept/ID, see home.list)",
            )
        return homes.make(spec, user)

    def user(self, spec: Workspace, current: WorkspaceCurrent | None) -> int:
        """Return whose number it is: a home that is there, or is given back, keeps the one that it has."""
        if current and current.user:
            return current.user
        if spec.home.startswith("kept/") and (user := self.users.get(spec.home.removeprefix("kept/"))):
            return user
        taken = set(self.users.values())
        return next(number for number in range(FIRST_USER, FIRST_USER + len(taken) + 1) if number not in taken)


def _age(kept: str) -> tuple[int, str]:
    time = kept.rpartition(".")[2]
    return (len(time), time)


def _box(spec: Workspace) -> str:
    return names.container(spec.name)


def _replaced(spec: Workspace, current: WorkspaceCurrent) -> str:
    """Say why a container is replaced, and what that loses."""
    then = current.spec
    changed = [wish for wish in ("image", "port", "sudo") if then and getattr(then, wish) != getattr(spec, wish)]
    reason = f" for another {' and '.join(changed)}" if changed else ""
    return f"replace the container of {spec.name}{reason}: what was installed in it outside the home is lost"


def _limits(spec: Workspace) -> tuple[float, int, int, int]:
    return (float(spec.cpus), spec.memory, spec.memory, spec.pids)


def _unpaused(spec: Workspace, current: WorkspaceCurrent) -> Steps:
    if not current.paused:
        return ()
    return (podman("unpause", _box(spec), why=f"let the processes of {spec.name} go on"),)


def _drop(spec: Workspace, *, why: str) -> Run:
    # By Podman's API: its command looks at a container first, which fails for one that a crash has torn.
    return verbs(f"container remove {spec.name}", why=why, seconds=STOP_SECONDS + 120)


def _homeless(spec: Workspace) -> Damaged:
    return Damaged(
        f"workspace {spec.name!r} has lost its home",
        why=f"its container is there and {names.home(spec.name)} is not",
        fix="delete the workspace, then create it again, from a home that was set aside if there is one "
        "(home.list, --home kept/ID) or from a backup",
    )
