"""What the API answers, read once into values. `data` is the answer as it came, for those who want all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rockpool.errors import Damaged

Data = Mapping[str, Any]


def plain(text: object) -> str:
    """Return a text in which nothing moves a terminal's cursor: a workspace or a git server may have written it."""
    return "".join(character if character.isprintable() else " " for character in str(text or ""))


@dataclass(frozen=True, kw_only=True)
class Port:
    """A forwarded port and where it answers."""

    port: int
    label: str
    url: str
    data: Data = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: Data) -> Port:
        """Read one."""
        return cls(
            port=int(data["port"]), label=str(data.get("label") or ""), url=str(data.get("url") or ""), data=data
        )


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A workspace as the API shows it."""

    name: str
    image: str
    status: str
    reason: str
    desired: str
    url: str
    ports: tuple[Port, ...]
    generation: int
    observed: int
    created: str
    updated: str
    data: Data = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: Data) -> Workspace:
        """Read one."""
        return cls(
            name=str(data["name"]),
            image=str(data.get("image") or ""),
            status=str(data["status"]),
            reason=plain(data.get("reason")),
            desired=str(data["desired"]),
            url=str(data.get("url") or ""),
            ports=tuple(Port.parse(port) for port in data.get("ports") or ()),
            generation=int(data["generation"]),
            observed=int(data["observedGeneration"]),
            created=str(data["createdAt"]),
            updated=str(data["updatedAt"]),
            data=data,
        )


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a workspace; `kind` is wish, step, state, error or note."""

    id: int
    at: str
    workspace: str
    generation: int
    kind: str
    text: str

    @classmethod
    def parse(cls, data: Data) -> Event:
        """Read one."""
        return cls(
            id=int(data["id"]),
            at=str(data["at"]),
            workspace=str(data.get("workspace") or ""),
            generation=int(data.get("generation") or 0),
            kind=str(data["kind"]),
            text=plain(data["text"]),
        )


@dataclass(frozen=True, kw_only=True)
class Home:
    """A home that was kept when its workspace was deleted; `size` is a text such as `4g`, empty while unknown."""

    id: str
    workspace: str
    kept: str
    until: str
    size: str
    data: Data = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: Data) -> Home:
        """Read one."""
        return cls(
            id=str(data["id"]),
            workspace=str(data.get("workspace") or ""),
            kept=str(data.get("keptAt") or ""),
            until=str(data.get("purgeAt") or ""),
            size=str(data.get("size") or ""),
            data=data,
        )


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of the root VM and how it is: ok, degraded or down."""

    name: str
    state: str
    version: str
    detail: str
    data: Data = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: Data) -> Component:
        """Read one."""
        return cls(
            name=str(data["name"]),
            state=str(data["state"]),
            version=str(data.get("version") or ""),
            detail=plain(data.get("detail")),
            data=data,
        )


@dataclass(frozen=True, kw_only=True)
class Job:
    """A wish that has not come true yet (`running`, `waiting`), or a message that nobody could read (`dead`)."""

    id: str
    workspace: str
    state: str
    text: str
    at: str
    data: Data = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: Data) -> Job:
        """Read one."""
        return cls(
            id=str(data["id"]),
            workspace=str(data["workspace"]),
            state=str(data["state"]),
            text=plain(data["text"]),
            at=str(data.get("at") or ""),
            data=data,
        )


Value = TypeVar("Value")


def read(parse: Callable[[Any], Value], data: Any) -> Value:
    """Read an answer. Raises Damaged when it is something else."""
    try:
        return parse(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise Damaged("the API's answer cannot be read", why=why, fix="is this client as new as the API?") from error


def read_all(parse: Callable[[Data], Value], data: Any) -> tuple[Value, ...]:
    """Read the items of an answer. Raises Damaged."""
    return read(lambda found: tuple(parse(item) for item in found["items"]), data)
