"""In: a request on `in.<agency's account>.<event type>` goes down the same path as one over HTTP.

The reply comes after the commit: the receipt, or the same problem document that HTTP would give, with the status in the
header `Concordat-Status`. Who publishes is said by the account alone, which the server puts into the subject; no header
and nothing in the event is believed instead. Without a reply nothing was accepted.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from broker.casework.refusal import Refused
from broker.flows import check
from broker.flows.hub import Hub
from broker.flows.publish import Publish, RefusedInBatch
from broker.ports.clerk import Clerk, Reply

log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("concordat.nats")
_trace_context = TraceContextTextMapPropagator()

QUEUE = "ingress"
STATUS = "Concordat-Status"
_PREFIX = "in."


class Ingress:
    """The door for events over NATS. Replicas share one queue group: each request is taken by one of them."""

    def __init__(self, client: Client, hub: Hub, agency_of: Callable[[str], str | None], clerk: Clerk) -> None:
        """`agency_of` names the agency whose account has a public key; None if there is none such."""
        self._client = client
        self._hub = hub
        self._agency_of = agency_of
        self._clerk = clerk
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take requests until cancelled; those under way are still answered."""
        subscription = await self._client.subscribe(f"{_PREFIX}*.>", queue=QUEUE, cb=self._take)
        try:
            await self._client.flush()
            await asyncio.Event().wait()
        finally:
            await subscription.unsubscribe()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take(self, message: Msg) -> None:
        if not message.reply:
            # Whoever cannot be told that it was accepted has not published.
            log.info("ingress_without_reply")
            return
        task = asyncio.create_task(self._serve(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _serve(self, message: Msg) -> None:
        given = message.headers or {}
        headers = {name.lower(): value for name, value in given.items()}
        inbound = headers.get("traceparent")
        context = _trace_context.extract({"traceparent": inbound}) if inbound else None
        with _tracer.start_as_current_span(
            "NATS in.{agency}.{type}", context, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            reply = await self._answer(message, headers, clashing=len(headers) < len(given))
            span.set_attribute("concordat.status", reply.status)
        log.info("ingress", status=reply.status)
        await _send(self._client, message.reply, reply)

    async def _answer(self, message: Msg, headers: Mapping[str, str], *, clashing: bool) -> Reply:
        token, _, event_type = message.subject.removeprefix(_PREFIX).partition(".")
        try:
            agency = await asyncio.to_thread(self._agency_of, token)
            if agency is None:
                raise Refused("not-registered", 403, "this account is of no agency that is registered at this hub")  # noqa: TRY301 (worded below like any other)
            if clashing:
                raise Refused("invalid-attribute", 400, "a header stands twice, under names that differ in case alone")  # noqa: TRY301 (likewise)
            document = self._clerk.read(headers, message.data)
            incoming = check.read(document)
            if incoming.received_type != event_type:
                raise Refused(  # noqa: TRY301 (likewise)
                    "subject-mismatch", 422, "publish each event on the subject that ends in its own type", "/type"
                )
            (published,) = await self._hub.sequencer.place(Publish(agency, (incoming,)))
        except RefusedInBatch as error:
            return self._clerk.problem(error.reason)
        except Exception as error:  # noqa: BLE001 (each is worded, known or not)
            return self._clerk.problem(error)
        return self._clerk.receipt(published.written, replayed=published.replayed)


async def _send(client: Client, to: str, reply: Reply) -> None:
    try:
        await client.publish(to, reply.body, headers={**reply.headers, STATUS: str(reply.status)})
    except (NatsError, OSError) as error:
        # The publisher hears nothing and sends again under the same id.
        log.warning("reply_not_sent", error=type(error).__name__)
