"""What the API answers: each answer's fields, as OpenAPI documents them. Times are ISO 8601 in UTC."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from rockpool.control.states import Desired, Status


class Shape(BaseModel):
    """An answer: camelCase outside, and nothing else in it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ErrorText(Shape):
    """`code` is for programs, `message` for people; `fields` says what is wrong with which field."""

    code: str
    message: str
    fields: dict[str, str]


class ErrorAnswer(Shape):
    """The one form of every error."""

    error: ErrorText


class PortAnswer(Shape):
    """A port that has a URL."""

    port: int
    label: str
    url: str


class PortsAnswer(Shape):
    """The ports of a workspace."""

    items: list[PortAnswer]


class WorkspaceAnswer(Shape):
    """A workspace: its spec as it is wished for, and how far it has come. Sizes are texts such as `4g`."""

    name: str
    image: str
    runtime: str
    cpus: int
    memory: str
    pids: int
    disk: str
    env: dict[str, str | None] = Field(description="Its variables; a value is null unless it was asked for")
    repository: str
    branch: str
    port: int
    ports: list[PortAnswer]
    sudo: bool
    idle_timeout: str
    home: str
    status: Status
    reason: str = Field(description="Why it is in error, or what it waits for")
    desired: Desired
    url: str
    created_at: str
    updated_at: str
    last_used_at: str | None
    generation: int = Field(description="Counts the wishes")
    observed_generation: int = Field(description="The wish that has last come true")


class PageAnswer(Shape):
    """Some workspaces, oldest first, and the cursor of the next page; null on the last one."""

    items: list[WorkspaceAnswer]
    next_cursor: str | None


class StepAnswer(Shape):
    """One step of a plan in people's words."""

    why: str


class PlanAnswer(Shape):
    """What would be done now, in this order, and when the machine was last looked at."""

    steps: list[StepAnswer]
    surveyed_at: str


class StatsAnswer(Shape):
    """What a running workspace uses. The limits are null where there is none."""

    at: str
    cpu_seconds: float = Field(description="Processor time since it started")
    memory_bytes: int
    memory_limit_bytes: int | None
    pids: int
    pids_limit: int | None


class HomeAnswer(Shape):
    """A home that was kept when its workspace was deleted; `home: kept/ID` takes it into a new one."""

    id: str
    workspace: str
    kept_at: str
    purge_at: str | None
    size: str
    purging: bool


class HomesAnswer(Shape):
    """All kept homes."""

    items: list[HomeAnswer]


class ImageAnswer(Shape):
    """An image that a workspace can be made from."""

    name: str
    digest: str
    size: str
    created_at: str | None


class ImagesAnswer(Shape):
    """All images on this machine."""

    items: list[ImageAnswer]


class JobAnswer(Shape):
    """A wish that has not come true yet (`running`, `waiting`), or a message that nobody could read (`dead`)."""

    id: str
    workspace: str
    state: Literal["running", "waiting", "dead"]
    text: str = Field(description="What it is about, and why it waits")
    at: str | None = Field(description="When it was wished for or sent")
    generation: int
    holder: str = Field(description="The worker that is at it, or empty")
    attempts: int
    retry_at: str | None


class JobsAnswer(Shape):
    """What the workers do and have yet to do, and the messages that went astray."""

    items: list[JobAnswer]


class RedrivenAnswer(Shape):
    """How many dead letters went back to the queue."""

    count: int


class ComponentAnswer(Shape):
    """A part of the root VM: `state` is ok, degraded or down."""

    name: str
    state: str
    version: str
    detail: str
    at: str


class StatusAnswer(Shape):
    """The version, each component, and how many workspaces are in each state."""

    version: str
    components: list[ComponentAnswer]
    workspaces: dict[str, int]


class BackupAnswer(Shape):
    """A copy of the database, in the directory `backups` beside it."""

    name: str
    size: str
    at: str


class BackupsAnswer(Shape):
    """All copies, the newest first."""

    items: list[BackupAnswer]


class EventAnswer(Shape):
    """Something that happened; `id` goes up and is what `Last-Event-ID` continues from."""

    id: int
    at: str
    workspace: str
    generation: int
    kind: str
    text: str
