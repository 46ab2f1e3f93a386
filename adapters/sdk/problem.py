"""What can go wrong between an agency and the hub, said so that it can be logged."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from contracts.parse import Fault

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_TRANSIENT = frozenset({408, 425, 429})
_UNAUTHORISED = 401
_SERVER_ERROR = 500


class HubError(Exception):
    """Anything that keeps a call to the hub from its answer."""


class Unreachable(HubError):
    """The hub gave no answer: network, name, TLS or time-out. Whether it received the call is not known."""

    never_sent = False
    """Whether not even a connection came about, so that the hub cannot have received the call."""


class UnexpectedAnswer(HubError):
    """Something answered, but not in the form that the hub's public interface states."""


class Problem(HubError):
    """The hub's refusal: an RFC 9457 problem document, or an RFC 6749 §5.2 error of the token endpoint.

    `str()` says the status and the slug and nothing else, so it is fit for any log. `detail` and `faults` are the hub's
    words for the person who must put it right.
    """

    def __init__(
        self,
        slug: str,
        status: int,
        detail: str = "",
        faults: tuple[Fault, ...] = (),
        retry_after: float | None = None,
        *,
        stated: bool = True,
    ) -> None:
        super().__init__(f"the hub answered {status} {slug}")
        self.slug = slug
        self.status = status
        self.detail = detail
        self.faults = faults
        self.retry_after = retry_after
        """Seconds that the hub asks to wait, from `Retry-After`."""
        self.stated = stated
        """Whether the hub itself said so; False for a bare status, which any proxy on the way could have sent."""

    @property
    def is_final(self) -> bool:
        """Whether sending the same again is pointless: the hub itself refused the content, and said why."""
        return self.stated and self.status < _SERVER_ERROR and self.status not in _TRANSIENT

    def plain(self) -> dict[str, Any]:
        """Return the members that a program can act on, as JSON."""
        return {
            "slug": self.slug,
            "status": self.status,
            "detail": self.detail,
            "errors": [{"pointer": f.pointer, "code": f.code, "message": f.message} for f in self.faults],
        }


class AccessRefused(Problem):
    """The hub does not take the agency's key, token or scope. What was sent is not at fault: send it again."""

    @property
    def is_final(self) -> bool:
        return False


def problem_of(response: httpx2.Response, now: datetime) -> Problem:
    """Read a response with an error status. The body of anything that is not a problem document is not kept."""
    wait = retry_after(response, now)
    document = _document(response)
    if document is None:
        kind = AccessRefused if _is_about_access(response) else Problem
        return kind("unstated", response.status_code, retry_after=wait, stated=False)
    if "error" in document and "type" not in document:
        is_client_at_fault = response.status_code < _SERVER_ERROR and response.status_code not in _TRANSIENT
        kind = AccessRefused if is_client_at_fault else Problem
        return kind(_slug(document["error"]), response.status_code, retry_after=wait)
    kind = AccessRefused if _is_about_access(response) else Problem
    return kind(
        _slug(str(document.get("type", "")).rsplit("/", 1)[-1]),
        response.status_code,
        str(document.get("detail") or document.get("title") or ""),
        _faults(document.get("errors")),
        wait,
    )


def retry_after(response: httpx2.Response, now: datetime) -> float | None:
    """Return the seconds of `Retry-After`, which is a number or a date (RFC 9110 §10.2.3); None without a sound one."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _is_about_access(response: httpx2.Response) -> bool:
    # RFC 6750 §3.1: a token without the scope is answered 403 with this challenge.
    challenge = response.headers.get("www-authenticate", "")
    return response.status_code == _UNAUTHORISED or 'error="insufficient_scope"' in challenge


def _document(response: httpx2.Response) -> dict[str, Any] | None:
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in {"application/problem+json", "application/json"}:
        return None
    try:
        document = response.json()
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return document if media_type == "application/problem+json" or "error" in document else None


def _slug(value: object) -> str:
    return value if isinstance(value, str) and _SLUG.fullmatch(value) else "unstated"


def _faults(errors: object) -> tuple[Fault, ...]:
    items = errors if isinstance(errors, list) else []
    return tuple(
        Fault(str(item.get("pointer", "")), str(item.get("code", "")), str(item.get("message", "")))
        for item in items
        if isinstance(item, dict)
    )
