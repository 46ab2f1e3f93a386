"""What a test can make go wrong between an agency and the hub in memory."""

from dataclasses import dataclass
from typing import Any

import httpx2

PROBLEMS = "https://concordat.example/problems/"


@dataclass(eq=False)
class Refusal(Exception):
    """A problem document (RFC 9457) that the hub answers with."""

    status: int
    slug: str
    detail: str = ""
    errors: tuple[dict[str, str], ...] = ()
    retry_after: str | None = None

    def response(self) -> httpx2.Response:
        document: dict[str, Any] = {
            "type": PROBLEMS + self.slug,
            "title": self.slug.replace("-", " "),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = list(self.errors)
        headers = {"content-type": "application/problem+json"}
        if self.retry_after is not None:
            headers["retry-after"] = self.retry_after
        return httpx2.Response(self.status, json=document, headers=headers)


@dataclass(frozen=True)
class Fault:
    """Something else than the hub's answer: a response from whatever stands before it, or no answer at all."""

    path: str
    """Which calls it befalls: those whose path begins so."""
    response: httpx2.Response | None = None
    """None: the connection breaks."""
    after_it_was_done: bool = False
    """Whether the hub did what was asked, and only its answer was lost."""

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.response is None:
            raise httpx2.ReadError("the connection broke", request=request)
        return self.response
