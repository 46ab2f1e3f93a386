"""The HTTP door's clerk, lent to NATS: events are read and answered there by the same rules and in the same words.

Content modes are those of the CloudEvents NATS protocol binding: structured where `content-type` names CloudEvents,
binary where attributes stand in `ce-` headers (`ce-datacontenttype` among them). Without either the binding would have
a binary event without attributes, which is none: such a message is read as structured JSON.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from broker.flows.check import TooLarge
from broker.ports.clerk import Reply
from broker.web.body import parse_text
from broker.web.content_modes import BATCH, STRUCTURED, Mode, binary_event, mode_of
from broker.web.faults import logged, problem_of
from broker.web.problems import MEDIA_TYPE, Problem
from contracts.envelope import MAX_EVENT_BYTES

_JSON = "application/json"
_ELSEWHERE: frozenset[str] = frozenset()
"""In binary mode over NATS every attribute has its header (section 3.1.3.1)."""


class HttpClerk:
    """Words as over HTTP."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Return the document of a message. Raises Problem, TooLarge."""
        if len(body) > MAX_EVENT_BYTES:
            raise TooLarge
        mode = mode_of(headers.get("content-type", ""), headers)
        if mode is Mode.BATCH:
            raise Problem("unsupported-media-type", f"send {STRUCTURED}, one event in a message: NATS has no {BATCH}")
        if mode is Mode.BINARY:
            return binary_event(headers.items(), parse_text(body), reserved=_ELSEWHERE)
        return parse_text(body)

    def receipt(self, written: bytes, *, replayed: bool) -> Reply:
        """Answer with a receipt: 201, or 200 for the receipt of the first time."""
        return Reply(200 if replayed else 201, written, {"Content-Type": _JSON})

    def problem(self, error: Exception) -> Reply:
        """Word a failure as a problem document (RFC 9457)."""
        problem = logged(problem_of(error))
        headers = {"Content-Type": MEDIA_TYPE} | {
            name.title(): value for name, value in problem.headers.items() if name == "retry-after"
        }
        return Reply(problem.status, orjson.dumps(problem.document()), headers)
