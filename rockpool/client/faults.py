"""What the API refuses, as the errors that the rest of Rockpool knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from rockpool.errors import (
    Busy,
    Conflict,
    Damaged,
    DeadlinePassed,
    Fault,
    HostNotReady,
    InputError,
    NotFound,
    Refused,
    RockpoolError,
    StepFailed,
)

CODES: Mapping[str, type[RockpoolError]] = {
    "conflict": Conflict,
    "refused": Refused,
    "not_found": NotFound,
    "busy": Busy,
    "step_failed": StepFailed,
    "deadline_passed": DeadlinePassed,
    "damaged": Damaged,
}
"""The kinds that share a status, by the code of the answer."""

STATUSES: Mapping[int, type[RockpoolError]] = {
    400: InputError,
    401: HostNotReady,
    403: Refused,
    404: NotFound,
    409: Conflict,
    413: InputError,
    415: InputError,
    422: InputError,
    429: Busy,
    502: HostNotReady,
    503: HostNotReady,
    504: HostNotReady,
}
"""The kind of every other answer."""

_FIXES = {
    401: "run it on the host that deployed the root VM: the password is in its ROCKPOOL_HOME",
    429: "wait a minute",
    500: "the journal of rockpool-api says more",
}


def refuse(answer: httpx.Response) -> None:
    """Raise the error that an answer stands for, unless it is a good one. The body of the answer has to be read."""
    if answer.is_success:
        return
    told = _told(answer)
    kind = CODES.get(str(told.get("code"))) or STATUSES.get(answer.status_code, RockpoolError)
    message = str(told.get("message") or f"the API answered {answer.status_code}")
    if kind is InputError:
        subject = message.removesuffix("; nothing was changed").removesuffix(" is not valid")
        raise InputError(subject, _fields(told) or [Fault(field="request", message=f"is refused: {message}")])
    raise kind(message, fix=_FIXES.get(answer.status_code, ""))


def strange(answer: httpx.Response) -> Damaged:
    """Return the error for an answer that is no JSON of the API's."""
    why = f"{answer.request.method} {answer.request.url.path} got {answer.status_code} with {answer.text[:120]!r}"
    return Damaged("the API's answer cannot be read", why=why, fix="is this the address of Rockpool?")


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        raise strange(answer) from None
    if not isinstance(told, dict) or not isinstance(told.get("fields") or {}, dict):
        raise strange(answer)
    return told


def _fields(told: Mapping[str, Any]) -> list[Fault]:
    return [Fault(field=str(field), message=str(message)) for field, message in (told.get("fields") or {}).items()]
