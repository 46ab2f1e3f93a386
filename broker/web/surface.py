"""What every route is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from broker.flows.hub import Hub
from broker.ports.store import Store, Unit, View
from broker.web.directory import Directory
from broker.web.meters import Meters
from broker.web.replays import Replays
from broker.web.settings import WebSettings
from broker.web.streams import Streams
from broker.web.tokens import Tokens
from broker.web.tops import Tops

T = TypeVar("T")


@dataclass(frozen=True)
class Surface:
    """One replica's HTTP surface."""

    hub: Hub
    settings: WebSettings
    tokens: Tokens
    directory: Directory
    replays: Replays
    streams: Streams
    tops: Tops
    meters: Meters
    nats_state: Callable[[], str] | None = None
    """How NATS stands, in one word; None where the hub has none."""

    async def read(self, look: Callable[[View], T]) -> T:
        """Look at committed state in a thread; StoreUnavailable when the database fails."""
        return await read_in_thread(self.hub.store, look)

    async def write(self, change: Callable[[Unit], T]) -> T:
        """Change state that is not events in a thread, in one transaction; StoreUnavailable when the database fails."""

        def writing() -> T:
            with self.hub.store.writing() as unit:
                return change(unit)

        return await run_in_threadpool(writing)


async def read_in_thread(store: Store, look: Callable[[View], T]) -> T:
    """Look at committed state without holding up the event loop; StoreUnavailable when the database fails."""

    def reading() -> T:
        with store.reading() as view:
            return look(view)

    return await run_in_threadpool(reading)


async def surface_of(request: Request) -> Surface:
    """Return the surface that the app was made with."""
    # Like every dependency it is async: FastAPI sends others to a thread and back, on every request.
    surface: Surface = request.app.state.surface
    return surface
