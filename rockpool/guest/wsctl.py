#!/usr/bin/python3 -IS
"""`wsctl VERB…`: the few things about workspaces that Podman's API does not offer, asked of the user that owns them.

Each argument is one verb: `survey`, `route start NAME.PORT`, `route wait NAME.PORT`, `route stop NAME.PORT`,
`home create NAME UID`, `home keep NAME`, `home remove NAME`. They run in order, up to the first that fails, whose
reason is told on stderr with exit code 1. Each may run again.

The same program answers: `--serve` is one connection of the socket, `--restore` brings the routes back after a boot.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable

SOCKET = "/run/rockpool/wsctl/wsctl.sock"
API = "/run/rockpool/podman/podman.sock"
ROUTES = "/run/rockpool/routes"
HOMES = "/var/lib/rockpool-ws/homes"
KEPT = "/var/lib/rockpool-ws/kept"
PAUSE = "/run/user/{uid}/libpod/tmp/pause.pid"
SUBORDINATE = 100_000
"""What container user 0 is outside; user N is this plus N."""

NAME = r"(?P<name>[a-z](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9])"
VERB = re.compile(
    rf"survey|route (?P<route>start|wait|stop) (?P<instance>{NAME}\.(?:ide|[1-9][0-9]{{3,4}}))"
    rf"|home create {NAME.replace('name', 'new')} (?P<user>[1-9][0-9]{{3,4}})"
    rf"|home (?P<home>keep|remove) {NAME.replace('name', 'old')}"
)
FIRST_USER, LAST_USER = 5001, 65_000
ROUTE_ANSWERS_WITHIN = 180.0
"""Seconds until an application has to serve HTTP behind its route. The caller's own deadline is shorter or equal."""

ANSWER_WITHIN = 90.0
"""Seconds for one answer of Podman's API, whose first one after a boot on a busy machine takes long."""

Json = dict[str, object]


class Failure(Exception):
    """Why a verb cannot be done, in one line."""


def main(argv: list[str]) -> int:
    """Be the client, unless told to serve."""
    if argv[1:] == ["--serve"]:
        return serve()
    if argv[1:] == ["--restore"]:
        return restore()
    return ask(argv[1:])


def ask(verbs: list[str]) -> int:
    """Send verbs, print their answers; nonzero with the reason on stderr when one fails."""
    bad = [verb for verb in verbs if not VERB.fullmatch(verb)]
    if bad or not verbs:
        print(f"wsctl: not a verb: {', '.join(map(repr, bad))}" if bad else __doc__, file=sys.stderr)
        return 2
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        connection.sendall("".join(f"{verb}\n" for verb in verbs).encode())
        connection.shutdown(socket.SHUT_WR)
        answers = connection.makefile("r", encoding="utf-8")
        for verb in verbs:
            word, _, rest = answers.readline().rstrip("\n").partition(" ")
            if word != "ok":
                print(f"wsctl: cannot {verb}: {rest or 'no answer, eight others are being served'}", file=sys.stderr)
                return 1
            if rest:
                print(rest)
    return 0


def serve() -> int:
    """Answer the verbs on stdin, a line each, until the first that fails."""
    try:
        for line in sys.stdin:
            print(answered(line.rstrip("\n")), flush=True)
    except Failure as error:
        print("error", error, flush=True)
    except BrokenPipeError:  # whoever asked has left
        os._exit(0)
    return 0


def answered(verb: str) -> str:
    """Carry out one verb and return the line that answers it. Raises Failure with a reason of one line."""
    try:
        answer = do(verb)
    except (Failure, OSError, subprocess.SubprocessError) as error:
        raise Failure(" ".join(str(error).split())) from error
    return f"ok {answer}" if answer else "ok"


def do(verb: str) -> str:
    """Carry out one verb and return its answer. Raises Failure."""
    match = VERB.fullmatch(verb)
    if not match:
        raise Failure(f"not a verb: {verb!r}")
    if match["route"]:
        act = {"start": route_start, "wait": route_wait, "stop": route_stop}[match["route"]]
        act(match["instance"])
    elif match["new"]:
        home_create(match["new"], int(match["user"]))
    elif match["home"]:
        {"keep": home_keep, "remove": home_remove}[match["home"]](match["old"])
    else:
        return json.dumps(survey(), separators=(",", ":"), sort_keys=True)
    return ""


# Routes


def route_start(instance: str) -> None:
    """Open a route's socket."""
    systemctl("start", f"rockpool-route@{instance}.socket")


def route_stop(instance: str) -> None:
    """Close a route's socket and end its connections."""
    systemctl("stop", f"rockpool-route@{instance}.socket", f"rockpool-route@{instance}.service")


def route_wait(instance: str) -> None:
    """Return as soon as something serves HTTP behind a route. Any answer but a server's fault counts."""
    deadline = time.monotonic() + ROUTE_ANSWERS_WITHIN
    told = "nothing answered"
    while time.monotonic() < deadline:
        try:
            status = get(f"{ROUTES}/{instance}.sock", "/healthz", whole=False)[0]
            if status < 500:
                return
            told = f"it answers {status}"
        except OSError as error:
            told = str(error)
        if caller_left(0.1):
            break
    raise Failure(f"nothing serves HTTP behind route {instance} after {ROUTE_ANSWERS_WITHIN:g} s: {told}")


def caller_left(seconds: float) -> bool:
    """Pause that long, or until the connection on stdin is gone."""
    poll = select.poll()
    poll.register(0, 0)  # a hang-up is told without being asked for
    return bool(poll.poll(seconds * 1000))


def restore() -> int:
    """Clear what a killed manager left of its routes, then open those of every workspace that is wanted running."""
    opened = set(open_routes())
    for entry in os.listdir(ROUTES):
        if entry.removesuffix(".sock") not in opened:
            os.unlink(f"{ROUTES}/{entry}")
    wanted = [
        f"rockpool-route@{container['name']}.ide.socket"
        for container in containers()
        if container["owned"] and container["restart"] == "always"
    ]
    if wanted:
        systemctl("start", *wanted)
    return 0


def open_routes() -> list[str]:
    """Return the instances whose socket unit listens."""
    command = ("list-units", "--plain", "--no-legend", "--state=listening,running", "rockpool-route@*.socket")
    units = [line.split()[0] for line in systemctl(*command).splitlines() if line.strip()]
    return [unit.removeprefix("rockpool-route@").removesuffix(".socket") for unit in units]


def systemctl(*arguments: str) -> str:
    """Ask the user's own manager. Raises Failure with its message."""
    done = subprocess.run(
        ("/usr/bin/systemctl", "--user", *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    if done.returncode:
        raise Failure(done.stderr.strip() or f"systemctl {arguments[0]} exited {done.returncode}")
    return done.stdout


# Homes


def home_create(name: str, user: int) -> None:
    """Make the home of a workspace for one numeric user, whom no other home may belong to."""
    if not FIRST_USER <= user <= LAST_USER:
        raise Failure(f"user {user} is not from {FIRST_USER} to {LAST_USER}")
    with homes_locked():
        homes = {**kept(), **owners(HOMES)}
        if homes.get(name, user) != user:
            raise Failure(f"the home of {name} belongs to user {homes[name]}, not {user}")
        if other := next((other for other, owner in homes.items() if owner == user and other != name), None):
            raise Failure(f"user {user} belongs to the home of {other}: survey and plan again")
        if not os.path.isdir(f"{HOMES}/{name}"):
            inside(lambda: make_home(name, user))


def make_home(name: str, user: int) -> None:
    """Make it beside its place and move it there whole. Runs inside the user namespace."""
    fresh = f"{HOMES}/.{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    os.mkdir(fresh, 0o700)
    os.chown(fresh, user + 1, user + 1)  # here, 0 is the owner of the containers and 1 is container user 0
    os.rename(fresh, f"{HOMES}/{name}")


def home_keep(name: str) -> None:
    """Move a home out of its place, so that nothing uses it by accident and it can still be given back."""
    refuse_if_used(name)
    with homes_locked():
        if os.path.isdir(f"{HOMES}/{name}"):
            # To move a directory, one has to be allowed to write it.
            inside(lambda: os.rename(f"{HOMES}/{name}", f"{KEPT}/{name}.{time.time_ns()}"))


def home_remove(name: str) -> None:
    """Delete a home for good."""
    refuse_if_used(name)
    gone = f"{HOMES}/.{name}.gone"
    with homes_locked():
        if os.path.isdir(f"{HOMES}/{name}"):
            os.rename(f"{HOMES}/{name}", gone)
        if os.path.isdir(gone):
            inside(lambda: shutil.rmtree(gone))


def refuse_if_used(name: str) -> None:
    """Raise Failure when a container has that home mounted."""
    if any(container["name"] == name for container in containers()):
        raise Failure(f"the container of {name} still uses its home")


class homes_locked:  # noqa: N801  # reads as a clause in `with`
    """One change of the homes at a time; the kernel frees the lock of a killed holder."""

    def __enter__(self) -> None:
        """Wait for the lock."""
        self._directory = os.open(HOMES, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._directory, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """Free it."""
        os.close(self._directory)


def owners(directory: str) -> dict[str, int]:
    """Return the workspace user that owns each entry: a home's owner is the record of who its workspace is."""
    with os.scandir(directory) as entries:
        return {
            entry.name: entry.stat(follow_symlinks=False).st_uid - SUBORDINATE
            for entry in entries
            if not entry.name.startswith(".")
        }


def kept() -> dict[str, int]:
    """Return the users of homes that are kept for a while; their entries are called NAME.TIME."""
    return owners(KEPT)


def inside(act: Callable[[], None]) -> None:
    """Do something as the user namespace's root, which alone may touch what belongs to containers."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            enter_namespace()
            act()
            os._exit(0)
        except BaseException as error:  # told to the parent, which raises
            os.write(tell, str(error).encode()[:4000])
        finally:
            os._exit(1)
    os.close(tell)
    status = os.waitpid(child, 0)[1]
    with os.fdopen(told, "rb") as reasons:
        reason = reasons.read().decode(errors="replace")
    if status:
        raise Failure(reason or "the user namespace could not be entered")


def enter_namespace() -> None:
    """Join the user namespace of rootless Podman, which its pause process holds open."""
    path = PAUSE.format(uid=os.getuid())
    if not os.path.exists(path):
        subprocess.run(("/usr/bin/podman", "unshare", "true"), check=True, timeout=60, stdout=subprocess.DEVNULL)
    with open(path, encoding="ascii") as file:
        pause = int(file.read())
    pinned = os.pidfd_open(pause)
    if os.stat(f"/proc/{pause}").st_uid != os.getuid():
        raise Failure(f"process {pause} is not the pause process of Podman")
    os.setns(pinned, os.CLONE_NEWUSER)  # type: ignore[attr-defined]  # Python 3.12
    os.setgid(0)
    os.setuid(0)


# Survey


def survey() -> Json:
    """Return everything that a plan may touch."""
    opened = set(open_routes())
    return {
        "containers": containers(),
        "homes": owners(HOMES),
        "kept": kept(),
        "routes": sorted(route for route in opened if is_marked(route)),
    }


def is_marked(route: str) -> bool:
    """Say whether a route has both of its files."""
    paths = (f"{ROUTES}/{route}", f"{ROUTES}/{route}.sock")
    modes = [os.lstat(path).st_mode if os.path.lexists(path) else 0 for path in paths]
    return stat.S_ISREG(modes[0]) and stat.S_ISSOCK(modes[1])


def containers() -> list[Json]:
    """Return every container whose name or label is a workspace's."""
    listed = json.loads(get(API, "/v5.0.0/libpod/containers/json?all=true")[1])
    return [described(one) for one in listed if "rockpool.workspace" in (one["Labels"] or {}) or named(one)]


def named(one: dict[str, list[str]]) -> bool:
    """Say whether a container has the name of a workspace's."""
    return one["Names"][0].startswith("ws-")


def described(one: dict[str, object]) -> Json:
    """Return what a plan compares. Labels cannot be changed later, so limits come from the container itself."""
    found = json.loads(get(API, f"/v5.0.0/libpod/containers/{one['Id']}/json")[1])
    host, labels, full = found["HostConfig"], found["Config"].get("Labels") or {}, found["Name"]
    return {
        "name": labels.get("rockpool.workspace") or full.removeprefix("ws-"),
        "container": full,
        "owned": labels.get("rockpool.workspace") == full.removeprefix("ws-"),
        "state": found["State"]["Status"],
        "image": found["Image"],
        "labels": {key: text for key, text in labels.items() if key.startswith("rockpool.")},
        "restart": host["RestartPolicy"]["Name"],
        "memory": host["Memory"],
        "swap": host["MemorySwap"],
        "cpus": host["NanoCpus"] / 1e9 if host.get("NanoCpus") else host["CpuQuota"] / (host["CpuPeriod"] or 100_000),
        "pids": host["PidsLimit"],
    }


def get(path: str, target: str, *, whole: bool = True) -> tuple[int, bytes]:
    """Ask an HTTP server on a Unix socket and return status and body. HTTP/1.0: the answer ends with the connection."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_WITHIN)
        connection.connect(path)
        connection.sendall(f"GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        answer = connection.recv(65536)
        while whole and (more := connection.recv(65536)):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise OSError("the connection ended without an answer")
    status = int(words[1])
    if whole and status != 200:
        raise Failure(f"Podman answered {status}: {body[:200].decode(errors='replace')}")
    return status, body


if __name__ == "__main__":
    sys.exit(main(sys.argv))
