"""Routes of a workspace's ports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from rockpool.control import workspaces
from rockpool.control.api import tell, wire
from rockpool.control.api.faults import documented
from rockpool.control.api.parts import By, With
from rockpool.control.api.shapes import PortsAnswer, WorkspaceAnswer
from rockpool.errors import Fault, InputError

router = APIRouter(prefix="/api/workspaces/{name}/ports", tags=["ports"])


@router.get("", responses=documented(404))
def ports(parts: With, name: str) -> PortsAnswer:
    """List the ports that have a URL."""
    with parts.store.reading() as session:
        return PortsAnswer(items=tell.workspace(workspaces.get(session, name), parts.settings.urls).ports)


@router.post("", status_code=202, responses=documented(400, 404, 409, 413, 415))
def add(parts: With, by: By, name: str, body: wire.Body) -> WorkspaceAnswer:
    """Wish that a port has a URL. Asking again changes nothing, or its label."""
    faults = wire.only(body, {"port": int, "label": str})
    if "port" not in body:
        faults.append(Fault(field="port", message="must be given"))
    if faults:
        raise InputError("the port", sorted(faults))
    with parts.store.writing() as session:
        row = workspaces.add_port(session, name, body["port"], body.get("label", ""), by)
    parts.hint(row)
    return tell.workspace(row, parts.settings.urls)


@router.delete("/{port}", status_code=202, responses=documented(404, 409))
def remove(parts: With, by: By, name: str, port: Annotated[int, Path(ge=1024, le=65535)]) -> WorkspaceAnswer:
    """Wish that a port has no URL."""
    with parts.store.writing() as session:
        row = workspaces.remove_port(session, name, port, by)
    parts.hint(row)
    return tell.workspace(row, parts.settings.urls)
