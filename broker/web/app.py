"""The HTTP application of one replica. It starts no work of its own: wiring gives it a lifespan."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager

from fastapi import Depends, FastAPI

from broker.flows.hub import Hub
from broker.ports.records import Position
from broker.ports.store import Store, View
from broker.web import documents, faults, openapi, operations
from broker.web.api import (
    acknowledgements,
    agencies,
    channel_keys,
    disclosures,
    endpoints,
    episodes,
    events,
    feed,
    inbox,
    ledger,
    oauth,
    protocols,
)
from broker.web.directory import Directory
from broker.web.guard import Guard
from broker.web.meters import Meters
from broker.web.queries import known_only
from broker.web.replays import MemoryReplays, Replays
from broker.web.settings import WebSettings
from broker.web.streams import Streams
from broker.web.surface import Surface, read_in_thread
from broker.web.tokens import Tokens
from broker.web.tops import Look, Tops

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_ROUTES = (
    events.router,
    feed.router,
    inbox.router,
    acknowledgements.router,
    episodes.router,
    endpoints.router,
    disclosures.router,
    ledger.router,
    protocols.router,
    agencies.router,
    channel_keys.router,
    operations.router,
    documents.router,
)


def create_app(
    hub: Hub,
    settings: WebSettings,
    lifespan: Lifespan | None = None,
    replays: Replays | None = None,
    nats_state: Callable[[], str] | None = None,
) -> FastAPI:
    """Make the app; VaultUnavailable if keys cannot be read. Replicas of one token endpoint must share `replays`.

    `nats_state` says in one word how NATS stands; without it, the hub has none.
    """
    app = FastAPI(
        title="Concordat",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: openapi.operation_name(route.tags, route.name),
        # FastAPI's own telemetry records the text of exceptions, and with it what was submitted. The guard's does not.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    streams = Streams(settings.max_streams)
    meters = Meters(streams)
    app.state.surface = Surface(
        hub=hub,
        settings=settings,
        tokens=Tokens(hub.parts.vault, settings.issuer, settings.token_seconds),
        directory=Directory(hub.store, settings.registry_seconds),
        replays=replays or MemoryReplays(),
        streams=streams,
        tops=Tops(_look_at_tops(hub.store)),
        meters=meters,
        nats_state=nats_state,
    )
    faults.install(app)
    app.add_middleware(Guard, meters=meters)
    # The token endpoint has errors of its own (RFC 6749), for query parameters too.
    app.include_router(oauth.router)
    for router in _ROUTES:
        app.include_router(router, dependencies=[Depends(known_only)])
    openapi.describe(app, settings.issuer)
    return app


def _look_at_tops(store: Store) -> Look:
    def tops(view: View, agencies: Collection[str]) -> dict[str, Position]:
        mailboxes = [view.mailbox(agency) for agency in agencies]
        return {one.recipient: Position(one.generation, one.top) for one in mailboxes}

    async def look(agencies: Collection[str]) -> dict[str, Position]:
        return await read_in_thread(store, lambda view: tops(view, agencies))

    return look
