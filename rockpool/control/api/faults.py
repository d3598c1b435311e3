"""What an error is over HTTP: one status and one code for each kind, and one form for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from rockpool import errors
from rockpool.control.api.shapes import ErrorAnswer
from rockpool.errors import Fault, InputError, RockpoolError

KINDS: dict[type[RockpoolError], tuple[int, str]] = {
    errors.InputError: (422, "invalid"),
    errors.NotFound: (404, "not_found"),
    errors.Conflict: (409, "conflict"),
    errors.Refused: (409, "refused"),
    errors.Busy: (503, "busy"),
    errors.HostNotReady: (503, "not_ready"),
    errors.StepFailed: (503, "step_failed"),
    errors.DeadlinePassed: (503, "deadline_passed"),
    errors.Damaged: (503, "damaged"),
    errors.RockpoolError: (500, "internal"),
}
"""The most exact kind of an error decides."""

STATUSES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many",
    500: "internal",
}
"""The code of what is refused before any use case is reached."""

_RETRY_SECONDS = 5
_MOST_CHARACTERS = 500


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return OpenAPI's words for these errors and those that every route may answer."""
    says = {409: "The state forbids it; the message says what is allowed", 503: "Not now; nothing was changed"}
    every = sorted({*statuses, 403, 422, 500, 503})
    return {
        status: {"model": ErrorAnswer, "description": says.get(status, STATUSES.get(status, ""))} for status in every
    }


def install(app: FastAPI) -> None:
    """Answer every error of ours, of FastAPI and of Starlette in the one form."""
    app.add_exception_handler(RockpoolError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_fastapi)
    app.add_exception_handler(HTTPException, _of_starlette)


def answer(
    status: int, code: str, message: str, fields: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error in the one form. Several faults of one field are joined."""
    told: dict[str, str] = {}
    for fault in fields:
        before = f"{told[fault.field]}; " if fault.field in told else ""
        told[fault.field] = before + fault.message[:_MOST_CHARACTERS]
    more = {"Retry-After": str(_RETRY_SECONDS)} if status in (429, 503) else {}
    body = {"error": {"code": code, "message": message[: 4 * _MOST_CHARACTERS], "fields": told}}
    return JSONResponse(body, status, headers={**more, **(headers or {})})


def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RockpoolError)  # noqa: S101  # it is registered for this kind only
    status, code = next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)
    if isinstance(error, InputError):
        return answer(status, code, f"{error.what}; nothing was changed", error.faults)
    said = ". ".join(part for part in (error.why, error.fix) if part)
    return answer(status, code, f"{error.what}: {said}" if said else error.what)


def _of_fastapi(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [
        Fault(field=".".join(str(part) for part in found["loc"][1:]), message=found["msg"]) for found in error.errors()
    ]
    return answer(422, STATUSES[422], "the request is not valid; nothing was changed", faults)


def _of_starlette(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = STATUSES.get(error.status_code, "bad_request")
    headers = dict(error.headers or {})
    if methods := _methods(request) if error.status_code == 405 else "":
        headers["Allow"] = methods  # Starlette names those of one route, and a path may have several
    return answer(error.status_code, code, str(error.detail), headers=headers)


def _methods(request: Request) -> str:
    """Return the methods of the request's path, if it is a documented one."""
    path = getattr(request.scope.get("route"), "path", "")
    return ", ".join(sorted(method.upper() for method in request.app.openapi()["paths"].get(path, {})))
