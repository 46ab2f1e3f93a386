"""Problem documents (RFC 9457): a closed catalogue of what can go wrong, and what to do about each.

No problem echoes a submitted value: titles and advice stand here, details are fixed sentences of the hub.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from contracts.parse import Fault
from contracts.problem import TYPE_BASE

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 100
"""Faults listed in one answer: beyond that a person reads the contract instead."""
RETRY_SECONDS = 2
"""What `Retry-After` says when the hub is busy or a part of it is away."""


@dataclass(frozen=True)
class Kind:
    """One kind of problem."""

    title: str
    status: int
    advice: str
    """What to do; the `detail` unless there is a better one."""


CATALOGUE: dict[str, Kind] = {
    "invalid-request": Kind("The request is malformed", 400, "see the API's description at /openapi.json"),
    "not-json": Kind(
        "The body is not JSON", 400, "send one JSON text in UTF-8, nested less than 200 deep, no member name twice"
    ),
    "invalid-attribute": Kind(
        "A CloudEvents header is malformed", 400, "send each ce- header once, as percent-encoded UTF-8"
    ),
    "invalid-parameter": Kind("A query parameter is not valid", 400, "see errors for the parameter and what it takes"),
    "unknown-parameter": Kind(
        "A query parameter is not known", 400, "see errors for the parameters that this path takes"
    ),
    "invalid-position": Kind(
        "The position is not valid", 400, "send <generation>.<number> as given in concordatsequence or next"
    ),
    "unauthorized": Kind(
        "No valid access token", 401, "get a token from /oauth2/token and send it as Authorization: Bearer"
    ),
    "insufficient-scope": Kind("The token's scope does not reach", 403, "ask for a token with the scope that is named"),
    "not-registered": Kind("The agency is not registered", 403, "ask the hub's operator"),
    "source-mismatch": Kind("The source is not the publisher's own", 403, "name your own agency in source"),
    "not-entitled": Kind("The agency has no authority for this", 403, "see detail"),
    "not-found": Kind(
        "There is nothing here for you", 404, "check the path against /openapi.json and the id that you were given"
    ),
    "unknown-episode": Kind("No such episode", 404, "open the episode first, or say what your part in it is"),
    "unknown-child": Kind("No such child", 404, "ask the responsible authority to name your agency in its record"),
    "unknown-disclosure": Kind("No such disclosure", 404, "give the id of a disclosure that your agency has received"),
    "not-yet-published": Kind("Not yet published", 404, "ask again after the next checkpoint"),
    "method-not-allowed": Kind("The method is not allowed here", 405, "use a method named in Allow"),
    "not-acceptable": Kind("The answer has another content type", 406, "accept the content type that is named"),
    "id-reused": Kind("The id was used for other content", 409, "give each event its own id"),
    "handle-mismatch": Kind("The child has another handle", 409, "leave subject out: the receipt has the handle"),
    "episode-exists": Kind("The episode exists already", 409, "publish to it, or mint another id"),
    "placement-exists": Kind("The placement exists already", 409, "see detail"),
    "episode-closed": Kind("The episode is closed", 409, "open a new episode"),
    "not-closable": Kind("The episode cannot be closed yet", 409, "see detail"),
    "not-reopenable": Kind("The episode cannot be reopened", 409, "see detail"),
    "handover-pending": Kind("A handover is pending", 409, "answer it first"),
    "no-open-offer": Kind("There is no open offer of a handover", 409, "see detail"),
    "no-encryption-key": Kind("No encryption key is registered", 409, "register an X25519 or P-256 key for encryption"),
    "conflict": Kind("It stands in conflict with what is registered", 409, "see detail"),
    "erased": Kind("It has been erased", 410, "nothing is left to give"),
    "too-large": Kind("The body is too large", 413, "an event has at most 256 KiB; a batch 500 events and 8 MiB"),
    "unsupported-media-type": Kind("The content type is not taken here", 415, "send a content type that is named"),
    "invalid-event": Kind(
        "The event does not satisfy its contract",
        422,
        "see errors for each place and what to do; contracts are at /schemas/<type>.json",
    ),
    "subject-mismatch": Kind("Subject and event type differ", 422, "publish on in.<agency>.<type of the event>"),
    "invalid-body": Kind("The body does not satisfy its schema", 422, "see errors for each place and what to do"),
    "overloaded": Kind(
        "The hub is busy", 429, "nothing was recorded: send again, with the same id, after Retry-After seconds"
    ),
    "internal": Kind("The hub failed", 500, "tell the operator the instance; sending again with the same id is safe"),
    "unavailable": Kind(
        "A part of the hub is not available",
        503,
        "send again, with the same id, after Retry-After seconds: nothing is taken twice",
    ),
}
"""Every slug that the hub answers with. A refusal that is not listed has the title of its status."""

_BY_STATUS = {
    400: "invalid-request", 403: "not-entitled", 404: "not-found", 409: "conflict",
    410: "erased", 422: "invalid-event",
}  # fmt: skip


class Problem(Exception):
    """A request ends here, with a problem document."""

    def __init__(
        self,
        slug: str,
        detail: str | None = None,
        *,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(slug)
        self.slug = slug
        kind = CATALOGUE.get(slug) or CATALOGUE[_BY_STATUS.get(status or 0, "invalid-request")]
        self.title = kind.title
        self.status = status or kind.status
        self.detail = detail or kind.advice
        self.errors = tuple(errors)
        self.instance = f"urn:uuid:{uuid.uuid4()}"
        retry = {"retry-after": str(RETRY_SECONDS)} if self.status in (429, 503) else {}
        self.headers = retry | dict(headers or {})

    def document(self) -> dict[str, Any]:
        """Return the document as JSON."""
        said: dict[str, Any] = {
            "type": TYPE_BASE + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": self.instance,
        }
        if self.errors:
            said["errors"] = [
                {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
                for fault in self.errors[:MAX_FAULTS]
            ]
        return said

    def response(self) -> Response:
        """Return the answer to send."""
        return Response(orjson.dumps(self.document()), self.status, self.headers, MEDIA_TYPE)


def may(*slugs: str) -> dict[str, Any]:
    """Return what a route says of the problems that it may answer with, beyond those that any like it may."""
    unknown = [slug for slug in slugs if slug not in CATALOGUE]
    if unknown:
        raise ValueError(f"these problems are not in the catalogue: {', '.join(unknown)}")
    return {"x-problems": list(slugs)}


def table() -> str:
    """Return the catalogue as a Markdown table, for the API's description."""
    rows = (f"| `{slug}` | {kind.status} | {kind.title} | {kind.advice} |" for slug, kind in CATALOGUE.items())
    return "\n".join(("| Problem | Status | Title | What to do |", "| --- | --- | --- | --- |", *rows))
