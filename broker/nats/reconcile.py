"""The accounts that the servers know follow the directory of agencies."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import structlog
from nats.aio.client import Client

from broker.nats.accounts import agency_claims
from broker.nats.keys import Keys
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from contracts.agency import Agency

log = structlog.get_logger(__name__)

_PUSH_SECONDS = 5.0
_ACCEPTED = 200

Directory = tuple[int, tuple[Agency, ...]]
"""A version of the registry, and every agency at that version."""


class PushRefused(Exception):
    """A server did not take an account's claims."""


class Reconciler:
    """Pushes the claims of agencies that came, changed or left. The command line need not know of NATS."""

    def __init__(self, keys: Keys, read: Callable[[int], Directory | None], poll_seconds: float) -> None:
        """Follow the directory that `read` answers with, or None while its version is the one that it is given."""
        self._keys = keys
        self._read = read
        self._poll_seconds = poll_seconds
        self._pushed: dict[str, object] = {}
        self._version = -1
        self._moved = asyncio.Condition()

    async def settled(self, version: int) -> None:
        """Wait until the servers know the directory at this version or a later one."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._version >= version)

    async def forget(self) -> None:
        """Push every account again: the server behind a connection may be another one now."""
        self._pushed.clear()
        self._version = -1

    async def serve(self, system: Client) -> None:
        """Compare and push while the connection to SYS lasts. Raises PushRefused and what the client raises."""
        await self.forget()
        while True:
            try:
                directory = await asyncio.to_thread(self._read, self._version)
                if directory is not None:
                    await self._push_changes(system, *directory)
            except (StoreUnavailable, VaultUnavailable) as error:
                log.warning("nats_accounts_wait", error=type(error).__name__)
            await asyncio.sleep(self._poll_seconds)

    async def _push_changes(self, system: Client, version: int, agencies: tuple[Agency, ...]) -> None:
        changed = 0
        for agency in agencies:
            stands_for = _what_claims_say(agency)
            if self._pushed.get(agency.id) == stands_for:
                continue
            claims = await asyncio.to_thread(agency_claims, self._keys, agency, int(time.time()))
            await push(system, claims)
            self._pushed[agency.id] = stands_for
            changed += 1
        if changed:
            log.info("nats_accounts_pushed", count=changed, version=version)
        async with self._moved:
            self._version = version
            self._moved.notify_all()


async def push(system: Client, claims: str) -> None:
    """Give the servers an account's claims; clients whose key they no longer name are cut off at once.

    Raises PushRefused, and what the client raises when no server answers.
    """
    answer: dict[str, Any] = json.loads(
        (await system.request("$SYS.REQ.CLAIMS.UPDATE", claims.encode(), timeout=_PUSH_SECONDS)).data
    )
    if (answer.get("data") or {}).get("code") != _ACCEPTED:
        raise PushRefused("a NATS server did not take an account's claims: does it trust this hub's operator?")


def _what_claims_say(agency: Agency) -> object:
    return agency.active, tuple(key["kid"] for key in agency.keys), agency.scopes
