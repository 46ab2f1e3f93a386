"""Query parameters: known ones only, each once unless it may be repeated, lists by opaque cursors."""

import base64
import re
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.dependencies.models import Dependant

from broker.ports.records import Position
from broker.web.problems import Problem
from contracts.identifiers import UNIQUE_ID
from contracts.parse import Fault

MAX_LIMIT = 500
DEFAULT_LIMIT = 100
_REPEATABLE = frozenset({"type"})
_MAX_CURSOR = 400
_MAX_NUMBER = 2**63 - 1
_ALSO = ("application/problem+json", "application/cloudevents+json", "application/cloudevents-batch+json")
"""Callers who take only these are understood too: what they get is JSON."""
_START = re.compile(r"[A-Za-z0-9/_.-]{1,200}")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="items in one answer")]
Cursor = Annotated[str | None, Query(max_length=_MAX_CURSOR, description="`next` of the answer before")]
After = Annotated[
    str | None,
    Query(description="position to read on from, `<generation>.<number>`; confirms all up to it as delivered"),
]
EpisodeId = Annotated[str | None, Query(pattern=UNIQUE_ID, description="only this episode")]
Types = Annotated[
    list[Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9_.]*\*?$")]],
    Query(
        alias="type",
        max_length=50,
        description="only these event types; repeatable; `*` at the end stands for any ending",
    ),
]


async def known_only(request: Request) -> None:
    """Refuse a parameter that the path does not take, and a second value where one is taken; names known ones only."""
    if not request.scope["query_string"]:
        return
    known = _names(request.scope["route"].dependant)
    given = [name for name, _ in request.query_params.multi_items()]
    if not known.issuperset(given):
        takes = f"this path takes {', '.join(sorted(known))}" if known else "this path takes no query parameter"
        raise Problem("unknown-parameter", takes, errors=[Fault("?", "unknown_parameter", takes)])
    for name in known - _REPEATABLE:
        if given.count(name) > 1:
            raise Problem("invalid-parameter", errors=[Fault(f"?{name}", "repeated", "send this parameter once")])


def _names(dependant: Dependant) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    for inner in dependant.dependencies:
        names |= _names(inner)
    return names


def position(text: str | None) -> Position | None:
    """Read a position; Problem 400 for anything else."""
    if text is None:
        return None
    try:
        parsed = Position.parse(text)
    except ValueError:
        raise Problem("invalid-position") from None
    if max(parsed.generation, parsed.number) > _MAX_NUMBER:
        raise Problem("invalid-position")
    return parsed


def opened(text: str | None) -> str | None:
    """Read a cursor that an earlier answer gave; Problem 400 for anything else."""
    if text is None:
        return None
    try:
        start = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True).decode()
    except ValueError:
        start = ""
    if _START.fullmatch(start) is None:
        fault = Fault("?cursor", "invalid_cursor", "send next as the answer before gave it")
        raise Problem("invalid-parameter", errors=[fault])
    return start


def page(answer: dict[str, Any]) -> dict[str, Any]:
    """Make a flow's `next` opaque."""
    following = answer.get("next")
    sealed = None if following is None else base64.urlsafe_b64encode(following.encode()).decode().rstrip("=")
    return {**answer, "next": sealed}


def accepts(*offered: str) -> Any:
    """Make a dependency that refuses a caller who takes none of these content types: Problem 406 names them."""
    ranges = {"*/*", *offered, *(name.partition("/")[0] + "/*" for name in offered), *_ALSO}

    async def check(request: Request) -> None:
        given = ",".join(request.headers.getlist("accept"))
        taken = [one.partition(";") for one in given.split(",") if one.strip()]
        if taken and not any(name.strip().lower() in ranges and _weight(rest) > 0 for name, _, rest in taken):
            raise Problem("not-acceptable", f"this answers with {' or '.join(offered)}")

    return check


def _weight(parameters: str) -> float:
    for one in parameters.replace(" ", "").lower().split(";"):
        if one.startswith("q="):
            try:
                return float(one[2:])
            except ValueError:
                return 0.0
    return 1.0
