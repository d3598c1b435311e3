"""What OpenAPI cannot read off the routes: the bodies, which are checked in one go by `Workspace.parse`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from rockpool import names
from rockpool.spec import workspace
from rockpool.spec.workspace import MOST_PORTS

Schema = dict[str, Any]

_NAME: Schema = {
    "type": "string",
    "pattern": f"^{names.WORKSPACE_NAME.pattern}$",
    "not": {"enum": sorted(names.RESERVED)},
}
_PORT: Schema = {"type": "integer", "minimum": 1024, "maximum": 65535}
_SIZE: Schema = {"type": "string", "pattern": "^[1-9][0-9]*[mgt]$", "examples": ["512m", "4g"]}
_LABEL: Schema = {"type": "string", "maxLength": 64, "pattern": r"^[^\x00-\x1f\x7f]*$", "default": ""}


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


PORT = _object({"port": _PORT, "label": _LABEL}, ("port",))
_TEXT: Schema = {"type": "string", "maxLength": 4096}
_ENV: Schema = {"type": "object", "additionalProperties": _TEXT, "maxProperties": 64}
_KEPT: Schema = {"type": ["string", "null"], "maxLength": 4096, "description": "Null keeps the value that it has"}
CLONE = _object({"name": _NAME})
WORKSPACE = _object(
    {
        "name": _NAME,
        "image": {"type": "string", "maxLength": 255, "default": "workspace"},
        "runtime": {"type": "string", "enum": list(workspace.RUNTIMES)},
        "cpus": {"type": "integer", "minimum": 1, "maximum": 256, "default": 2},
        "memory": {**_SIZE, "default": "4g", "description": "128m to 1t"},
        "pids": {"type": "integer", "minimum": 64, "maximum": 1_000_000, "default": 4096},
        "disk": {**_SIZE, "default": "16g", "description": "64m to 64t, home and layer together"},
        "env": _ENV,
        "repository": {"type": "string", "maxLength": 2048, "description": "Cloned into a new home"},
        "branch": {"type": "string", "maxLength": 255},
        "port": {**_PORT, "default": 8080, "description": "Where the IDE or application listens inside"},
        "ports": {"type": "array", "items": PORT, "maxItems": MOST_PORTS},
        "sudo": {"type": "boolean", "default": True},
        "idleTimeout": {"type": "string", "pattern": "^(|[1-9][0-9]*[smhd])$", "description": "Empty never stops it"},
        "home": {"type": "string", "description": "Of a new one: empty, copy/NAME or kept/ID"},
    }
)
CHANGE = {**WORKSPACE, "properties": {**WORKSPACE["properties"], "env": {**_ENV, "additionalProperties": _KEPT}}}
_BODIES: dict[tuple[str, str], tuple[str, Schema, bool]] = {
    ("post", "/api/workspaces"): ("WorkspaceWish", WORKSPACE, True),
    ("put", "/api/workspaces/{name}"): ("WorkspaceChange", CHANGE, True),
    ("post", "/api/plan"): ("WorkspaceWish", WORKSPACE, True),
    ("post", "/api/workspaces/{name}/clone"): ("CloneWish", CLONE, False),
    ("post", "/api/workspaces/{name}/ports"): ("PortWish", PORT, True),
}


def install(app: FastAPI) -> None:
    """Have the application describe itself whole."""

    def described() -> Schema:
        if app.openapi_schema is None:
            app.openapi_schema = _whole(get_openapi(title=app.title, version=app.version, routes=app.routes))
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def _whole(schema: Schema) -> Schema:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        for status, answer in operation["responses"].items():
            if status >= "400":  # FastAPI would give them the media type of the answer
                answer["content"] = error
    for (method, path), (name, body, required) in _BODIES.items():
        schema["components"]["schemas"][name] = body
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        schema["paths"][path][method]["requestBody"] = {"required": required, "content": content}
    return schema
