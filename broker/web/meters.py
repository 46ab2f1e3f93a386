"""What is counted for the operator: by route template and status, never by agency, child or path."""

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from broker.web.streams import Streams

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meters:
    """The counters of one replica, in a registry of its own."""

    def __init__(self, streams: Streams) -> None:
        self._registry = CollectorRegistry()
        # No exemplars: a counter leads to nobody's request.
        self._provider = MeterProvider(
            [PrometheusMetricReader(disable_target_info=True, registry=self._registry)],
            exemplar_filter=AlwaysOffExemplarFilter(),
            shutdown_on_exit=False,
        )
        meter = self._provider.get_meter("concordat.web")
        self._requests = meter.create_counter("concordat.http.requests", description="requests by route and status")
        self._seconds = meter.create_histogram("concordat.http.duration", unit="s", description="time to the last byte")
        self._events = meter.create_counter("concordat.events.accepted", description="events accepted over HTTP")
        self._told = meter.create_counter("concordat.disclosures", description="disclosures that receipts show")
        meter.create_observable_gauge(
            "concordat.feeds.open",
            [lambda _options: [Observation(streams.count)]],
            description="feeds open in this replica",
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        labels = {"method": method, "route": route, "status": str(status)}
        self._requests.add(1, labels)
        self._seconds.record(seconds, {"method": method, "route": route})

    def accepted(self, told: int) -> None:
        """Count one accepted event, of which so many agencies have been told."""
        self._events.add(1)
        self._told.add(told)

    def text(self) -> bytes:
        """Return these and the process's own metrics in the Prometheus text format."""
        return bytes(generate_latest(self._registry) + generate_latest(REGISTRY))
