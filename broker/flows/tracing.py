"""One trace inside the hub, from an acceptance to each delivery of what followed from it (W3C Trace Context).

A recipient's message carries a trace of its own: the hub's telemetry links to it, and nothing leads back from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from broker.ports.chance import random_bytes

_tracer = trace.get_tracer("concordat.flows")
_propagator = TraceContextTextMapPropagator()


def current() -> str | None:
    """Return the `traceparent` of the span that runs now, or None outside a trace."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def within(traceparent: str | None) -> Iterator[None]:
    """Go on in a trace of another of the hub's processes."""
    if traceparent is None:
        yield
        return
    token = attach(_propagator.extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        detach(token)


def note(name: str, parent: str | None, *, link: str | None = None, **attributes: str) -> None:
    """Note in the hub's trace that something has been done; `link` is the trace that the recipient will see."""
    if parent is None or not _is_sampled(parent):
        return
    links = [] if link is None else [Link(_context_of(link))]
    context = _propagator.extract({"traceparent": parent})
    _tracer.start_span(name, context, SpanKind.PRODUCER, attributes, links).end()


def new() -> str:
    """Make the `traceparent` of a new trace, for a recipient: random ids that are joined to nothing of the hub's."""
    return f"00-{random_bytes(16).hex()}-{random_bytes(8).hex()}-01"


def _is_sampled(traceparent: str) -> bool:
    return bool(int(traceparent[-2:], 16) & TraceFlags.SAMPLED)


def _context_of(traceparent: str) -> SpanContext:
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
