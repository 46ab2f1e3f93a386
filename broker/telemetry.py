"""Logs as JSON lines, traces and metrics. None of them ever carries a value from an event."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from opentelemetry import metrics, trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.environment_variables import OTEL_TRACES_SAMPLER
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

_SHORT = 200
"""Longer text in a log line is not an id, a code or a name of ours, whatever else it is."""


def set_up_logging(level: str = "info") -> None:
    """Write every log record, our own and the libraries', as one JSON line on stderr."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traced,
        _without_tracebacks,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def set_up_telemetry(origin: str) -> None:
    """Install tracing and metrics for the process; the metrics are read by the operator at /metrics.

    Spans are recorded where the operator asks for it with OpenTelemetry's own `OTEL_TRACES_SAMPLER` (an exporter then
    takes them); without it traces have their ids, which stand in logs and disclosures, and cost nothing more.
    """
    resource = Resource.create({"service.name": "concordat", "service.instance.id": origin})
    sampler = None if OTEL_TRACES_SAMPLER in os.environ else ALWAYS_OFF
    trace.set_tracer_provider(TracerProvider(sampler, resource))
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[PrometheusMetricReader()]))


def _traced(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event


def _without_tracebacks(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the kind of an exception and drop its text: libraries quote values in theirs."""
    problem = event.pop("exc_info", None)
    if isinstance(problem, BaseException):
        event["exception"] = type(problem).__name__
    elif isinstance(problem, tuple) and problem[0] is not None:
        event["exception"] = problem[0].__name__
    elif problem is True:
        kind = sys.exc_info()[0]
        event["exception"] = None if kind is None else kind.__name__
    event.pop("stack_info", None)
    return {
        name: value if not isinstance(value, str) or len(value) <= _SHORT else f"{value[:_SHORT]}…"
        for name, value in event.items()
    }
