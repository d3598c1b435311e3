"""Workspaces by way of the control plane, which alone says what is wanted once it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pyinfra.api.operation import operation
from pyinfra.context import host

from rockpool.errors import RockpoolError
from rockpool.facts.control import ControlWorkspace
from rockpool.facts.script import Commands, script
from rockpool.operations.refuse import refuse
from rockpool.spec import Workspace

SECONDS = 900
"""How long a workspace may take to answer: a first start on an emulated machine takes minutes."""


@operation()
def declared(spec: Mapping[str, Any], *, socket: str) -> Commands:
    """A workspace that the control plane knows by this spec. A new one is waited for until it answers.

    + spec: plain data as `rockpool.spec.Workspace.parse` reads it; what it leaves out is left as it is
    + socket: the API's

    One that exists stays running or stopped, as its user left it.
    """
    try:
        Workspace.parse(spec)
    except RockpoolError as error:
        yield refuse(error)
        return
    name, wanted = str(spec["name"]), {_camel(key): value for key, value in spec.items()}
    told: dict[str, Any] = host.get_fact(ControlWorkspace, socket=socket, workspace=name)
    current = _as_written(told)
    if (
        current
        and {key: current.get(key) for key in wanted} == wanted
        and current["status"] not in ("error", "deleting")
    ):
        host.noop(f"workspace {name} is as declared")
    else:
        body = {key: current[key] for key in _FIELDS if key in current} | wanted
        yield script("declare_workspace", socket, name, str(SECONDS), stdin=json.dumps(body))


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


_FIELDS = tuple(_camel(field.name) for field in fields(Workspace) if field.name != "home")
"""What a wish repeats of what is there; where a home came from counts once only."""


def _as_written(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the API tells as one would write it: ports without their URLs."""
    ports = [{"port": port["port"], "label": port["label"]} for port in told.get("ports", ())]
    return {**told, "ports": ports} if told else {}
