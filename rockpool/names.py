"""Every name and path that is derived from another one. Nothing else builds these."""

from __future__ import annotations

import re

MACHINE_NAME = re.compile(r"[a-z](?:[a-z0-9]|-(?!-)){0,30}[a-z0-9]")
"""2 to 32 of a-z, 0-9 and single hyphens; first a letter, last a letter or digit."""

WORKSPACE_NAME = re.compile(r"[a-z](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""3 to 63 of a-z, 0-9 and single hyphens; first a letter, last a letter or digit."""

RESERVED = frozenset({"api", "app", "admin", "healthz", "ide", "port", "proxy", "workspace", "workspaces", "www"})
"""Words that mean something in a URL of ours, so no workspace may have them as its name."""

NAME_RULE = "must be 3 to 63 of a-z, 0-9 and single hyphens, begin with a letter and end with a letter or digit"

WORKSPACE_USER = "rockpool-ws"
ROUTES_DIR = "/run/rockpool/routes"
PODMAN_SOCKET = "/run/rockpool/podman/podman.sock"
WSCTL_SOCKET = "/run/rockpool/wsctl/wsctl.sock"
HOMES_DIR = "/var/lib/rockpool-ws/homes"
WSCTL = "/usr/lib/rockpool/wsctl"
HOME_INSIDE = "/home/coder"
WORKSPACE_GROUP_ID = 5000
"""The group of workspace images whose members may use sudo."""
IDE_PORT_NAME = "ide"


def workspace_name_fault(name: str) -> str | None:
    """Return what is wrong with a workspace name, or None."""
    if not WORKSPACE_NAME.fullmatch(name):
        return f"{NAME_RULE}, not {name!r}"
    if name in RESERVED:
        return f"must not be {name!r}, which has a meaning of its own in our URLs"
    return None


def workspace_like(image: str, repository: str, suffix: str) -> str:
    """Return a name for a workspace that was given none: what it is made from, and a suffix of hexadecimal digits."""
    bare_image = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    last = re.split(r"[/:]", repository.rstrip("/").removesuffix(".git"))[-1] or bare_image
    words = re.findall(r"[a-z0-9]+", last.lower())
    base = "-".join(words if words and words[0][0].isalpha() else ["ws", *words])
    return f"{base[: 62 - len(suffix)].rstrip('-')}-{suffix}"


def container(workspace: str) -> str:
    """Return the name of a workspace's container."""
    return f"ws-{workspace}"


def home(workspace: str) -> str:
    """Return the directory in the root VM that is mounted as the workspace's home."""
    return f"{HOMES_DIR}/{workspace}"


def route(workspace: str, port: str) -> str:
    """Return the systemd instance of a route; `port` is a number in text or `ide`."""
    return f"{workspace}.{port}"


def route_socket(workspace: str, port: str) -> str:
    """Return the path of the Unix socket that is a route."""
    return f"{ROUTES_DIR}/{route(workspace, port)}.sock"


def image_reference(image: str) -> str:
    """Return what Podman calls an image; a bare name is one of our own."""
    if "/" in image:
        return image
    return f"localhost/rockpool/{image}" if ":" in image else f"localhost/rockpool/{image}:latest"


def is_foreign_image(image: str) -> bool:
    """Say whether an image is a registry's: what is ours or was built here has no host, or `localhost`."""
    return "/" in image and not image.startswith("localhost/")


def checkout(repository: str) -> str:
    """Return the directory, inside a home, that a repository is cloned to."""
    last = re.split(r"[/:]", repository.rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.") or "repository"
