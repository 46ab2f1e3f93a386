"""The HTTP door's clerk, lent to NATS: events are read and answered there by the same rules and in the same words.

Content modes are those of the CloudEvents NATS protocol binding: structured where `content-type` names CloudEvents,
binary where attributes stand in `ce-` headers (`ce-datacontenttype` among them); without either, structured JSON.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from broker.flows.check import TooLarge
from broker.ports.clerk import Reply
from broker.web.body import parse_text
from broker.web.cloudevents import BINARY, STRUCTURED, attributes_of
from broker.web.faults import logged, problem_of
from broker.web.problems import MEDIA_TYPE, Problem
from contracts.envelope import MAX_EVENT_BYTES

_ANY_CLOUDEVENTS = "application/cloudevents"
_MARK = "ce-specversion"
_JSON = "application/json"


class HttpClerk:
    """Words as over HTTP."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Return the document of a message. Raises Problem, TooLarge."""
        if len(body) > MAX_EVENT_BYTES:
            raise TooLarge
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith(_ANY_CLOUDEVENTS):
            if kind != STRUCTURED:
                raise Problem("unsupported-media-type", f"send {STRUCTURED}, one event in a message")
            return parse_text(body)
        if _MARK not in headers:
            return parse_text(body)
        attributes = attributes_of(headers)
        if not attributes.keys().isdisjoint({"data", "data_base64", ""}):
            raise Problem("invalid-attribute", "data is the message itself: it has no ce- header")
        return {"datacontenttype": BINARY, **attributes, "data": parse_text(body)}

    def receipt(self, receipt: Mapping[str, Any], *, replayed: bool) -> Reply:
        """Word a receipt: 201, or 200 for the receipt of the first time."""
        return Reply(200 if replayed else 201, orjson.dumps(receipt), {"Content-Type": _JSON})

    def problem(self, error: Exception) -> Reply:
        """Word a failure as a problem document (RFC 9457)."""
        problem = logged(problem_of(error))
        headers = {"Content-Type": MEDIA_TYPE} | {
            name.title(): value for name, value in problem.headers.items() if name == "retry-after"
        }
        return Reply(problem.status, orjson.dumps(problem.document()), headers)
