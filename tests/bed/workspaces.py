"""A world of workspaces in memory: as much of Podman and wsctl as the steps of a plan ask of them.

It is strict: what the real ones refuse, or what no plan says, is an AssertionError.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rockpool import names, plan
from rockpool.current import WorkspaceCurrent
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.stub import Stub
from rockpool.spec import MIB, Workspace
from rockpool.step import Argv, Run, Steps, Write


def as_wanted(spec: Workspace, runtime: Podman | Stub) -> WorkspaceCurrent:
    """Return what a survey finds when a workspace runs as its spec says."""
    steps = plan.present(spec, None, runtime)
    if isinstance(runtime, Stub):
        write = steps[-1]
        assert isinstance(write, Write)
        assert isinstance(write.content, str)
        return runtime.parse(write.content)[spec.name]
    world = World(homes={name: {"user": user, "disk": 0, "cloned": False} for name, user in runtime.users.items()})
    world.carry_out(steps)
    return runtime.parse(world.survey())[spec.name]


@dataclass(kw_only=True)
class World:
    """What one root VM holds."""

    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)
    time: int = 1_700_000_000_000_000_000

    def survey(self) -> str:
        """Return what `wsctl survey` would print."""
        told = {
            "containers": list(self.containers.values()),
            "homes": self.homes,
            "kept": self.kept,
            "routes": sorted(self.opened),
            "ports": sorted(self.registered),
        }
        return json.dumps(told)

    def carry_out(self, steps: Steps, acts: int = 1000) -> None:
        """Do what each step says, up to so many acts: then whoever does it is killed. Each verb is an act."""
        for step in steps:
            assert isinstance(step, Run), step
            for act in self._acts(step):
                if not acts:
                    return
                acts -= 1
                act()

    def _acts(self, step: Run) -> list[Callable[[], None]]:
        if step.argv[0] == names.WSCTL:
            return [partial(self._verb, *verb.split()) for verb in step.argv[1:]]
        assert step.argv[:3] == ("podman", "--url", f"unix://{names.PODMAN_SOCKET}")
        return [partial(getattr(self, f"_{step.argv[3]}"), step.argv[4:])]

    def accident(self, what: str, name: str) -> None:
        """Let something happen to a workspace, if it can."""
        container = self.containers.get(name, {"state": "none"})
        if what == "reboot":
            self._reboot()
        elif what == "rm":
            self.containers.pop(name, None)
        elif what == "half an rm":
            container["state"] = "removing"
        elif what == "restart":
            container["restart"] = "no"
        elif container["state"] == "running":
            container["state"] = {"end": "exited", "pause": "paused"}[what]

    def _reboot(self) -> None:
        """Lose what a power failure loses, then bring back what comes back."""
        self.opened.clear()
        for name, container in self.containers.items():
            if container["restart"] == "always" and container["state"] != "removing":
                container["state"] = "running"
                ports = {instance for instance in self.registered if instance.rpartition(".")[0] == name}
                self.opened |= {f"{name}.ide"} | ports
            elif container["state"] in ("running", "paused"):
                container["state"] = "exited"

    # Podman

    def _create(self, argv: Argv) -> None:
        options = dict(word.removeprefix("--").partition("=")[::2] for word in argv[:-1] if word[:7] != "--label")
        labels = dict(word.removeprefix("--label=").split("=", 1) for word in argv[:-1] if word[:7] == "--label")
        name = labels["rockpool.workspace"]
        assert name not in self.containers, "the name is in use"
        assert name in self.homes, "the home is not there"
        self.containers[name] = {
            "name": name,
            "container": options["name"],
            "owned": True,
            "state": "created",
            "labels": labels,
            "restart": options["restart"],
            "disk": 0,
            **_limits(options),
        }

    def _update(self, argv: Argv) -> None:
        options = dict(word.removeprefix("--").partition("=")[::2] for word in argv[:-1])
        container = self._box(argv)
        if "restart" in options:
            container["restart"] = options["restart"]
        else:
            container.update(_limits(options))

    def _start(self, argv: Argv) -> None:
        container = self._box(argv)
        assert container["state"] not in ("paused", "removing"), "it must be unpaused, or made anew"
        assert container["disk"], "it has no quota before it starts"
        container["state"] = "running"

    def _unpause(self, argv: Argv) -> None:
        assert self._box(argv)["state"] == "paused"
        self._box(argv)["state"] = "running"

    def _stop(self, argv: Argv) -> None:
        container = self._box(argv)
        assert container["state"] not in ("paused", "removing"), "it must be unpaused, or made anew"
        container["state"] = "exited" if container["state"] == "running" else container["state"]

    def _exec(self, argv: Argv) -> None:
        assert self._box(argv[:1])["state"] == "running"

    def _box(self, argv: Argv) -> dict[str, Any]:
        return self.containers[argv[-1].removeprefix("ws-")]

    # wsctl

    def _verb(self, *words: str) -> None:
        match words:
            case ("route", "start", instance):
                self.opened.add(instance)
                self.registered |= {instance} if not instance.endswith(".ide") else set()
            case ("route", "stop", instance):
                self.opened.discard(instance)
            case ("route", "remove", instance):
                self.opened.discard(instance)
                self.registered.discard(instance)
            case ("route", "wait", instance):
                assert instance in self.opened
                assert self.containers[instance.rpartition(".")[0]]["state"] == "running"
            case ("container", "remove", name):
                self.containers.pop(name, None)
            case ("quota", name, size):
                self.homes[name]["disk"] = self.containers[name]["disk"] = int(size)
            case ("home", *rest):
                self._home(*rest)
            case _:
                raise AssertionError(words)

    def _home(self, *words: str) -> None:
        match words:
            case ("create", name, user, size):
                self._new(name, int(user), int(size))
            case ("copy", source, name, user, size):
                assert source in self.homes
                self._new(name, int(user), int(size))
            case ("restore", source, name, user, size):
                assert self.kept.pop(source)["user"] == int(user)
                self._new(name, int(user), int(size))
            case ("keep", name):
                assert name not in self.containers, "it is still used"
                self.time += 1
                self.kept[f"{name}.{self.time}"] = {"user": self.homes.pop(name)["user"]}
            case ("cloned", name):
                self.homes[name]["cloned"] = True
            case ("purge", kept):
                self.kept.pop(kept, None)
            case _:
                raise AssertionError(words)

    def _new(self, name: str, user: int, size: int) -> None:
        assert name not in self.homes
        assert user not in {home["user"] for home in (*self.homes.values(), *self.kept.values())}
        self.homes[name] = {"user": user, "disk": size, "cloned": False}


def _limits(options: dict[str, str]) -> dict[str, Any]:
    return {
        "memory": int(options["memory"].removesuffix("m")) * MIB,
        "swap": int(options["memory-swap"].removesuffix("m")) * MIB,
        "cpus": float(options["cpus"]),
        "pids": int(options["pids-limit"]),
    }
