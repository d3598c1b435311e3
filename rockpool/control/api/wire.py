"""Reading what clients send: one JSON object, every fault at once, fields in camelCase."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Annotated, Any, NoReturn

from fastapi import Depends, HTTPException
from pydantic.alias_generators import to_camel
from starlette.requests import Request

from rockpool import names
from rockpool.control.workspaces import suffix
from rockpool.errors import Fault, InputError
from rockpool.spec import Workspace

FIELDS = {to_camel(field.name): field.name for field in fields(Workspace)}
"""The fields of a workspace by the names that clients use."""

_NONE: Mapping[str, str] = {}
_OUTSIDE = {inside: outside for outside, inside in FIELDS.items()}


async def _object(request: Request) -> dict[str, Any]:
    """Return the body as JSON's object."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json" or ("charset" in parameters and "utf-8" not in parameters.lower()):
        raise HTTPException(415, "the body must be application/json in UTF-8")
    return _read(await request.body())


async def _perhaps(request: Request) -> dict[str, Any]:
    """Return the body as JSON's object; no body at all is an empty one."""
    if "content-type" not in request.headers and not await request.body():
        return {}
    return await _object(request)


Body = Annotated[dict[str, Any], Depends(_object)]
PerhapsBody = Annotated[dict[str, Any], Depends(_perhaps)]


def _read(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode(), parse_constant=_refuse)
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text that can be kept
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the body is not JSON in UTF-8") from error
    if not isinstance(data, dict):
        raise HTTPException(422, "the body must be a JSON object")
    return data


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def spec(data: Mapping[str, Any], runtime: str, name: str = "", *, kept: Mapping[str, str] = _NONE) -> Workspace:
    """Read a workspace. Without a name it is called like what it is made from. Raises InputError with every fault.

    `runtime` is the one that this control plane drives. `name` is what the path says, which the body may repeat.
    `kept` has the values of variables that are null.
    """
    known = {FIELDS[field]: value for field, value in data.items() if field in FIELDS and value is not None}
    faults = [_unknown(field, FIELDS) for field in data if field not in FIELDS]
    if name and known.get("name", name) != name:
        faults.append(Fault(field="name", message=f"must be {name!r} as in the path, or left out"))
    if known.get("runtime", runtime) != runtime:
        faults.append(Fault(field="runtime", message=f"must be {runtime}, which this machine runs"))
    faults += [Fault(field=field, message="must not be null") for field, value in data.items() if value is None]
    faults += _fill(known, kept)
    values = {"name": _like(known), **known, "runtime": runtime, **({"name": name} if name else {})}
    try:
        wanted = Workspace.parse(values)
    except InputError as error:
        raise InputError("the workspace", sorted([*faults, *map(_outside, error.faults)])) from error
    if faults:
        raise InputError("the workspace", sorted(faults))
    return wanted


def _fill(known: dict[str, Any], kept: Mapping[str, str]) -> list[Fault]:
    """Give variables that are null the value that is kept; return what is wrong with the others."""
    env = known.get("env")
    if not isinstance(env, Mapping):
        return []
    known["env"] = {key: kept.get(key, "") if text is None else text for key, text in env.items()}
    message = "is null, which keeps a value, and there is none"
    return [Fault(field=f"env.{key}", message=message) for key, text in env.items() if text is None and key not in kept]


def only(data: Mapping[str, Any], known: Mapping[str, type]) -> list[Fault]:
    """Return what is wrong with an object that may hold these fields, of these types."""
    faults = [_unknown(field, known) for field in data if field not in known]
    words = {str: "a text", int: "a whole number", bool: "true or false"}
    for field, kind in known.items():
        if field in data and type(data[field]) is not kind:
            faults.append(Fault(field=field, message=f"must be {words[kind]}"))
    return faults


def _outside(fault: Fault) -> Fault:
    """Return a fault with its field as clients call it."""
    return replace(fault, field=_OUTSIDE.get(fault.field, fault.field))


def _like(known: Mapping[str, Any]) -> str:
    image, repository = known.get("image", Workspace.image), known.get("repository", "")
    if isinstance(image, str) and isinstance(repository, str):
        return names.workspace_like(image, repository, suffix())
    return names.workspace_like(Workspace.image, "", suffix())  # their own faults are told


def _unknown(field: str, known: Mapping[str, object]) -> Fault:
    return Fault(field=field, message=f"is not known; known are {', '.join(known)}")
