"""Round every request: safe headers, one log line and one span by route template, and no failure that says too much."""

import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.web.faults import logged
from broker.web.meters import Meters
from broker.web.problems import Problem

_log = structlog.get_logger("concordat.web")
_tracer = trace.get_tracer("concordat.web")
_trace_context = TraceContextTextMapPropagator()

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}


@dataclass
class _Answer:
    status: int = 0


class Guard:
    """The outermost layer of the app (ASGI)."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer()

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                message = {**message, "headers": headers.raw}
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        inbound = Headers(scope=scope).get("traceparent")
        context = _trace_context.extract({"traceparent": inbound}) if inbound else None
        began = time.monotonic()
        with _tracer.start_as_current_span(
            method, context, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await self._app(scope, receive, send_safely)
            except Exception as error:  # noqa: BLE001 (whatever it is, its text may hold what was submitted)
                await _fail(error, answer, scope, receive, send_safely)
            finally:
                route = route_of(scope)
                seconds = time.monotonic() - began
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": answer.status}
                )
                self._meters.answered(method, route, answer.status, seconds)
                _log.info("request", method=method, route=route, status=answer.status, seconds=round(seconds, 4))


async def _fail(error: Exception, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Log where it failed, not what was said; answer 500 unless an answer has begun (the server then hangs up)."""
    problem = Problem("internal")
    frames = traceback.extract_tb(error.__traceback__)
    places = ["/".join((*Path(frame.filename).parts[-3:], str(frame.lineno))) for frame in frames]
    _log.error(
        "failed", instance=problem.instance, kind=type(error).__name__, places=places[-12:], route=route_of(scope)
    )
    if answer.status == 0:
        await logged(problem).response()(scope, receive, send)


def route_of(scope: Scope) -> str:
    """Return the template of the matched route, such as `/v1/episodes/{episode_id}`, or `unmatched`."""
    route: Any = scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or "unmatched")
