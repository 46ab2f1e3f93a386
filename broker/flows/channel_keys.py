"""The keys under which an agency's messages lie in NATS: made, changed, handed over wrapped, erased.

A channel key seals what lies in a transport that forgets nothing at once: erasing the key erases what is there. The
agency fetches it over HTTP, wrapped to a public key of its own that it has registered with `"use": "enc"`: an X25519
or P-256 JWK. Keys for signing are not used to wrap: one key, one purpose.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import orjson
from joserfc import jwe
from joserfc.jwk import import_key

from broker.casework.refusal import Refused
from broker.delivery.jwe import SealingKey
from broker.flows.ending import end
from broker.flows.parts import Parts
from broker.ports.records import Scope
from broker.ports.relay import ChannelKey
from broker.ports.store import Store, View
from broker.ports.vault import VaultUnavailable
from contracts.agency import Agency
from contracts.canonical import b64url

ROTATION = timedelta(days=7)
"""How long new messages are sealed under one key."""
LOOK_SECONDS = 0.4
"""Between two looks whether keys have been erased, as long as there is mail."""
WRAPPING = ("ECDH-ES+A256KW", "A256GCM")
_KINDS = (("OKP", "X25519"), ("EC", "P-256"))


def is_wrapping_key(jwk: dict[str, str]) -> bool:
    """Say whether a registered JWK is one that channel keys can be wrapped to."""
    return jwk.get("use") == "enc" and (jwk.get("kty"), jwk.get("crv")) in _KINDS


def wrapped(view: View, caller: Agency, kid: str, parts: Parts) -> str:
    """Return a channel key of the caller as a JWE around a JWK (RFC 7517, section 7), to its newest encryption key.

    Raises Refused: 404 for a key that is not the caller's or is no longer kept, 409 if the caller has nothing to wrap
    it to.
    """
    known = view.channel_key(kid)
    key = None if known is None or known.agency != caller.id else parts.vault.find(_scope(known))
    if key is None:
        raise Refused("not-found", 404, "your agency has no channel key of this id, or it has been erased")
    own = next((jwk for jwk in reversed(caller.keys) if is_wrapping_key(jwk)), None)
    if own is None:
        raise Refused(
            "no-encryption-key",
            409,
            'register an encryption key first: an X25519 or P-256 public JWK with "use": "enc"',
        )
    alg, enc = WRAPPING
    header = {"alg": alg, "enc": enc, "cty": "jwk+json"} | ({"kid": own["kid"]} if "kid" in own else {})
    content = orjson.dumps({"kty": "oct", "kid": kid, "enc": "A256GCM", "alg": "dir", "k": b64url(key)})
    public = import_key({name: own[name] for name in ("kty", "crv", "x", "y") if name in own})
    return jwe.encrypt_compact(header, content, public, algorithms=list(WRAPPING))


class ChannelKeys:
    """The present key of each agency. The vault is asked at each round: an erased key is not used again."""

    def __init__(self, store: Store, parts: Parts) -> None:
        self._store = store
        self._parts = parts
        self._ready: dict[str, SealingKey] = {}
        self._latest: dict[str, ChannelKey] = {}
        self._looked_at = -LOOK_SECONDS
        self._looking: asyncio.Task[None] | None = None

    def freshen(self) -> None:
        """Look in a thread whether keys have been erased, unless that was done a moment ago.

        For behind a batch: where the last look is a second old, `usable` would look itself, and new mail wait for it.
        """
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS and (self._looking is None or self._looking.done()):
            self._looked_at = now
            self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        with suppress(VaultUnavailable):  # whoever needs a key will see
            await asyncio.to_thread(self._parts.vault.keys, ())

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            await end(self._looking)

    def current(self, view: View, agencies: frozenset[str], now: datetime) -> dict[str, SealingKey]:
        """Return the key that each agency's messages are to be sealed under; none for one that needs a new one."""
        self._latest = {key.agency: key for key in view.channel_keys()}
        found = {}
        for agency in agencies:
            key = self._latest.get(agency)
            if key is not None and now < key.begun_at + ROTATION and (ready := self._sealing(key)) is not None:
                found[agency] = ready
        return found

    def usable(self, agency: str) -> SealingKey | None:
        """Return the key that was current at the last look, if it is neither too old nor erased since."""
        key = self._latest.get(agency)
        if key is None or datetime.now(UTC) >= key.begun_at + ROTATION or self._parts.vault.find(_scope(key)) is None:
            return None
        return self._sealing(key)

    def renew(self, agencies: frozenset[str], now: datetime) -> None:
        """Give agencies a new key, durable in the vault before anything names it."""
        fresh = [ChannelKey(self._parts.new_id(), agency, now) for agency in sorted(agencies)]
        for key in fresh:
            self._parts.vault.key(_scope(key))
        with self._store.writing() as unit:
            for key in fresh:
                unit.add_channel_key(key)

    def _sealing(self, key: ChannelKey) -> SealingKey | None:
        ready = self._ready.get(key.agency)
        if ready is None or ready.kid != key.kid:
            raw = self._parts.vault.find(_scope(key))
            if raw is None:
                return None
            ready = self._ready[key.agency] = SealingKey.of(key.kid, raw)
        return ready


def erase(store: Store, parts: Parts, key: ChannelKey) -> None:
    """Erase a channel key: what lies in NATS under it can be read no more. The relay goes on under a new one."""
    parts.vault.erase(_scope(key))
    with store.writing() as unit:
        unit.remove_channel_key(key.kid)


def _scope(key: ChannelKey) -> Scope:
    return Scope(f"channel/{key.kid}", key.agency)
