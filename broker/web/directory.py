"""The agencies as the doors see them: read again when the registry has moved, looked at no more than once a second."""

import asyncio
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from broker.ports.store import Store
from contracts.agency import Agency


class Directory:
    """Who may come in. Apart from the sequencer's registry, which no reader may change under a step.

    Belongs to one event loop.
    """

    def __init__(self, store: Store, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._seconds = seconds
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._version: int | None = None
        self._looked_at = float("-inf")
        self._agencies: dict[str, Agency] = {}

    def is_fresh(self) -> bool:
        """Say whether an agency can be found without asking the database."""
        return self._monotonic() - self._looked_at < self._seconds

    async def registered(self, agency_id: str) -> Agency | None:
        """Return an agency that is registered and active, or None; StoreUnavailable if it cannot be known."""
        if not self.is_fresh():
            # One looks for all: a woken crowd of feeds must not stand in every thread.
            async with self._turn:
                await run_in_threadpool(self._refresh)
        return self.find(agency_id)

    def find(self, agency_id: str) -> Agency | None:
        """Return an agency that was registered and active when the registry was last looked at, or None."""
        agency = self._agencies.get(agency_id)
        return agency if agency is not None and agency.active else None

    def _refresh(self) -> None:
        if self.is_fresh():
            return
        looked_at = self._monotonic()
        with self._store.reading() as view:
            version = view.registry_version()
            if version != self._version:
                self._agencies = {agency.id: agency for agency in view.agencies()}
                self._version = version
        self._looked_at = looked_at
