"""Every exception that may end a request, said as a problem without a submitted value in it."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from broker.casework.refusal import Refused
from broker.flows.check import TooLarge
from broker.flows.turns import Overloaded
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from broker.web.problems import Problem
from contracts.parse import Fault, InvalidEvent

_log = structlog.get_logger("concordat.web")

_WORDS = {
    "missing": "this is required",
    "extra_forbidden": "this is not known here",
    "string_type": "send text here",
    "string_too_short": "this is too short",
    "string_too_long": "this is too long",
    "string_pattern_mismatch": "this has not the form that is asked for",
    "int_parsing": "send a whole number here",
    "int_type": "send a whole number here",
    "bool_parsing": "send true or false here",
    "greater_than_equal": "this number is too small",
    "less_than_equal": "this number is too large",
    "datetime_from_date_parsing": "send a time as in RFC 3339, such as 2026-11-22T21:40:00Z",
    "timezone_aware": "a time needs its offset, such as Z or +01:00",
    "model_type": "send an object here",
    "model_attributes_type": "send an object here",
}


def faults_of(error: ValidationError, shape: type[BaseModel]) -> tuple[Fault, ...]:
    """Say pydantic's faults of a request body in our own words; places are named by the shape's members only."""
    found = error.errors(include_url=False, include_input=False)
    return tuple(Fault(_pointer(item["loc"], item["type"]), item["type"], _words(item, shape)) for item in found)


def _pointer(location: tuple[int | str, ...], kind: str) -> str:
    # The name of an unknown member is the sender's own text: point at the object that holds it.
    shown = location[:-1] if kind == "extra_forbidden" else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in shown)


def _words(item: Mapping[str, object], shape: type[BaseModel]) -> str:
    kind = str(item["type"])
    if kind == "extra_forbidden":
        return f"there is a member that is not known here; known at the top are {', '.join(shape.model_fields)}"
    if kind == "value_error":
        # Raised by our own validators, whose sentences are fixed.
        return str(item["msg"]).removeprefix("Value error, ")
    if kind in ("enum", "literal_error"):
        context = item.get("ctx")
        return f"send {context['expected']}" if isinstance(context, Mapping) else "send one of the known codes"
    return _WORDS.get(kind, "this is not what is asked for: see /openapi.json")


def install(app: FastAPI) -> None:
    """Answer every known exception with its problem. Unknown ones are the guard's."""
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    for known in (Problem, Refused, InvalidEvent, TooLarge, Overloaded, StoreUnavailable, VaultUnavailable):
        app.add_exception_handler(known, _answer)


async def _answer(_request: Request, error: Exception) -> Response:
    return logged(problem_of(error)).response()


def logged(problem: Problem) -> Problem:
    """Write a problem's instance to the log, so that the operator finds what a caller reports."""
    _log.info("problem", instance=problem.instance, slug=problem.slug, status=problem.status)
    return problem


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 (one line for each exception)
    """Return the problem that an exception stands for."""
    match error:
        case Problem():
            return error
        case Refused():
            return refused(error)
        case InvalidEvent():
            return Problem("invalid-event", errors=error.faults)
        case TooLarge():
            return Problem("too-large")
        case Overloaded():
            return Problem("overloaded")
        case StoreUnavailable() | VaultUnavailable():
            return Problem("unavailable")
        case RequestValidationError():
            return _invalid_request(error)
        case HTTPException():
            return _of_status(error)
        case _:
            return Problem("internal")


def refused(error: Refused, prefix: str = "") -> Problem:
    """Return the problem of a refusal; `prefix` is the pointer to the event in its batch."""
    at_fault = error.pointer if error.pointer is not None or not prefix else ""
    errors = () if at_fault is None else (Fault(prefix + at_fault, error.slug.replace("-", "_"), error.detail),)
    return Problem(error.slug, error.detail, errors=errors, status=error.status)


def _invalid_request(error: RequestValidationError) -> Problem:
    """Query and path parameters: an unreadable id in a path is an id that nobody has."""
    found = [item for item in error.errors() if item["loc"][:1] == ("query",)]
    if not found:
        return Problem("not-found")
    faults = (
        Fault(f"?{item['loc'][1]}", item["type"], _words(item, BaseModel)) for item in found if len(item["loc"]) > 1
    )
    return Problem("invalid-parameter", errors=faults)


def _of_status(error: HTTPException) -> Problem:
    slug = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "too-large"}.get(error.status_code)
    return Problem(slug or "invalid-request", headers=error.headers, status=error.status_code)
