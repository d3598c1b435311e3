"""Each case file holds a spec, what is there and a wish, and the steps (or the error) that follow from them.

runtime: qemu                a name in RUNTIMES
wish: present                present, stopped or absent
spec: {name: root}           what is left out has its default
current: null                null when it is absent; else the fields of MachineCurrent or WorkspaceCurrent, where
                             `like: {name: demo}` is a workspace that runs as that spec says, but for the other fields
users: {alpha: 5001}         of podman: whose homes are there
homes: [alpha]               of stub: the same
steps:                       each field that is given is compared; JSON may be written as YAML
  - run: [rockpool, machine, create]
    stdin: {name: root, …}
    why: create machine root
  - write: /path
    content: …
    mode: 0o644
  - wait: [argv]
error: Refused               instead of steps: the kind,
says: [why, fix]             and texts that its message contains
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from rockpool import errors, plan
from rockpool.current import MachineCurrent, State, WorkspaceCurrent
from rockpool.runtimes.podman import Podman
from rockpool.runtimes.qemu import Qemu
from rockpool.runtimes.stub import Stub
from rockpool.secret import Secret
from rockpool.spec import Machine, Workspace
from rockpool.step import Run, Step, Wait, Write
from tests.bed.workspaces import as_wanted

CASES = Path(__file__).parent / "cases"
TOPICS = ("machine", "workspace", "stub")
RUNTIMES: dict[str, Callable[[Any], Any]] = {
    "qemu": lambda _case: Qemu(),
    "stub": lambda case: Stub(directory="/stub", homes=frozenset(case.get("homes", ()))),
    "podman": lambda case: Podman(users=case.get("users", {})),
}
READ: dict[str, Callable[[Any], Any]] = {
    "state": State,
    "routes": lambda routes: frozenset(map(str, routes)),
    "ports": frozenset,
}
WISHES = {"present": plan.present, "stopped": plan.stopped, "absent": plan.absent}


def case_files() -> list[Path]:
    return sorted(path for topic in TOPICS for path in (CASES / topic).glob("*.yaml"))


@pytest.mark.parametrize("file", case_files(), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_plan(file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    kind = Machine if case["runtime"] == "qemu" else Workspace
    wish, runtime = WISHES[case["wish"]], RUNTIMES[case["runtime"]](case)
    spec, current = kind.parse(case["spec"]), _current(kind, case["current"], runtime)
    if "error" in case:
        with pytest.raises(getattr(errors, case["error"])) as caught:
            wish(spec, current, runtime)
        assert [text for text in case["says"] if text not in str(caught.value)] == []
        return
    steps = wish(spec, current, runtime)
    assert [_told(step, said) for step, said in zip(steps, case["steps"], strict=False)] == case["steps"]
    assert len(steps) == len(case["steps"])


def test_every_case_file_is_read() -> None:
    assert len(case_files()) >= 25


def _current(
    kind: type[Machine | Workspace], data: dict[str, Any] | None, runtime: Any
) -> MachineCurrent | WorkspaceCurrent | None:
    if data is None:
        return None
    values = {key: READ.get(key, lambda value: value)(value) for key, value in data.items() if key != "like"}
    if data.get("spec"):
        values["spec"] = kind.parse(data["spec"])
    if kind is Machine:
        return MachineCurrent(**values)
    return (
        replace(as_wanted(Workspace.parse(data["like"]), runtime), **values)
        if "like" in data
        else WorkspaceCurrent(**values)
    )


def _told(step: Step, said: dict[str, Any]) -> dict[str, Any]:
    """Return a step in the words of a case file, as far as the case speaks of it."""
    match step:
        case Run(argv=argv):
            told: dict[str, Any] = {"run": list(argv), "stdin": step.stdin, "required": step.required}
        case Wait(argv=argv):
            told = {"wait": list(argv)}
        case Write(path=path):
            told = {"write": path, "content": step.content, "mode": step.mode}
    told["why"] = step.why
    told["seconds"] = getattr(step, "seconds", None)
    first = next(iter(told))
    return {first: told[first]} | {key: _as_written(told.get(key), said[key]) for key in said if key != first}


def _as_written(value: Any, said: Any) -> Any:
    text = value.reveal() if isinstance(value, Secret) else value
    return json.loads(text) if isinstance(said, (dict, list)) and isinstance(text, str) else text
