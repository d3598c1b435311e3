"""A workspace's container as Podman's arguments: what can change while it lives, and what cannot."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from rockpool import names
from rockpool.secret import Secret
from rockpool.spec import MIB, Workspace
from rockpool.step import Argv, Run

OWNER = "rockpool"
STOP_SECONDS = 10
"""How long what runs inside may take to end by itself."""

_RECIPE = "1"
"""Raise it only when containers that an older release has made must not live on: each of them loses its layer."""

_PODMAN: Argv = ("podman", "--url", f"unix://{names.PODMAN_SOCKET}")


def podman(*arguments: str, why: str, seconds: float = 120, stdin: Secret | None = None, fix: str = "") -> Run:
    """Return a step that asks Podman."""
    return Run(argv=(*_PODMAN, *arguments), why=why, seconds=seconds, stdin=stdin, fix=fix)


def inside(spec: Workspace) -> Argv:
    """Return what runs an argv in the container, as the workspace's user."""
    return (*_PODMAN, "exec", names.container(spec.name))


def create(spec: Workspace, user: int, *, restart: bool) -> Run:
    """Return the step that makes the container. `restart`: it comes back after a reboot."""
    policy = "always" if restart else "no"
    text = _environment(spec)
    return podman(
        "create",
        *_labels(spec, user),
        *limits(spec),
        f"--restart={policy}",
        f"--pull={_pull(spec.image)}",
        *(("--env-file=/dev/stdin",) if text else ()),
        *_fixed(spec, user),
        why=f"create workspace {spec.name} from image {spec.image}",
        seconds=900 if _pull(spec.image) == "missing" else 300,
        stdin=Secret(text) if text else None,
        fix=_image_fix(spec.image),
    )


def recall(spec: Workspace) -> Run:
    """Return the step that prints what env holds inside the container: others must not see it."""
    box = names.container(spec.name)
    return podman("inspect", "--format={{json .Config.Env}}", box, why=f"read back what env of {spec.name} holds")


def recalled(spec: Workspace, stdout: str) -> Workspace:
    """Return a spec that knows only the names of its variables with what `recall` printed of them."""
    held = dict(text.partition("=")[::2] for text in json.loads(stdout))
    return replace(spec, env=tuple((key, held[key]) for key, _ in spec.env if key in held))


def limits(spec: Workspace) -> Argv:
    """Return what Podman can change while the container runs."""
    # Without its own limit, swap would be allowed as much again as memory.
    memory = f"{spec.memory // MIB}m"
    return (f"--memory={memory}", f"--memory-swap={memory}", f"--cpus={spec.cpus}", f"--pids-limit={spec.pids}")


def made_as(spec: Workspace, user: int) -> str:
    """Return the digest of every wish about a container that only a new container can fulfil."""
    wishes = (_RECIPE, str(user), names.image_reference(spec.image), str(spec.port), str(spec.sudo), _environment(spec))
    return hashlib.sha256("\0".join(wishes).encode()).hexdigest()[:16]


def _environment(spec: Workspace) -> str:
    return "".join(f"{key}={value}\n" for key, value in spec.env)


def _labels(spec: Workspace, user: int) -> Argv:
    """Return what says whose the container is, and what it was made from. Podman cannot change labels later."""
    told = {**spec.to_data(), "env": dict.fromkeys(dict(spec.env), "")}
    labels = {
        "rockpool.owner": OWNER,
        "rockpool.workspace": spec.name,
        "rockpool.port": str(spec.port),
        "rockpool.user": str(user),
        "rockpool.made-as": made_as(spec, user),
        "rockpool.spec": json.dumps(told, separators=(",", ":"), sort_keys=True),
    }
    return tuple(f"--label={key}={text}" for key, text in labels.items())


def _fixed(spec: Workspace, user: int) -> Argv:
    """Return what stays as it is for the container's whole life."""
    walls = () if spec.sudo else ("--cap-drop=all", "--security-opt=no-new-privileges")
    return (
        f"--name={names.container(spec.name)}",
        f"--hostname={spec.name}",
        # One mapping for all: each further one would copy the whole image. The numeric user tells workspaces apart.
        "--userns=nomap",
        f"--user={user}:{user}",
        f"--group-add={names.WORKSPACE_GROUP_ID}",
        f"--passwd-entry=coder:*:{user}:{user}:workspace:{names.HOME_INSIDE}:/bin/bash",
        f"--group-entry=coder:x:{user}:",
        f"--volume={names.home(spec.name)}:{names.HOME_INSIDE}",
        f"--workdir={names.HOME_INSIDE}",
        # A volume that an image asks for would lie beside home and layer, where no quota counts it.
        "--image-volume=ignore",
        # Relative to the IDE's own page: the door knows where previews live, so a container never has to.
        "--env=VSCODE_PROXY_URI=./port/{{port}}/",
        f"--env=PORT={spec.port}",
        "--log-driver=journald",
        f"--stop-timeout={STOP_SECONDS}",
        *walls,
        names.image_reference(spec.image),
    )


def _pull(image: str) -> str:
    """Return when to ask a registry: never for what is ours or was built here."""
    return "missing" if names.is_foreign_image(image) else "never"


def _image_fix(image: str) -> str:
    if names.is_foreign_image(image):
        return "check the reference of the image and that its registry can be reached"
    return f"if it is missing, name one of image.list or build it: invoke image.build {image} --file Containerfile"
