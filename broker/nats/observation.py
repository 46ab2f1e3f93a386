"""What can be seen of NATS from outside a hub: servers, accounts, stream, durables. It changes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.aio.client import Client

from broker.nats.accounts import agency_claims
from broker.nats.connection import NatsPlace, connect_hub, connect_system
from broker.nats.durability import asked_of_all, server_faults
from broker.nats.jetstream import STREAM_NOT_FOUND, ApiError, ask
from broker.nats.jwt import NotClaims, decode
from broker.nats.out_stream import STREAM, Found, inspect
from broker.ports.relay import OutStream, StreamUnavailable
from contracts.agency import Agency

PATIENCE = 5.0
"""Seconds until servers that do not answer are taken to be away."""
_LOOK_UP_SECONDS = 5.0
_AT_ONCE = 50


@dataclass(frozen=True)
class Observation:
    """What was seen."""

    servers: tuple[str, ...]
    """Versions, one for each server that answered."""
    faults: tuple[str, ...]
    """What is wrong with their running settings, and what to change."""
    unwell: int
    """How many say themselves that they are not well."""
    stream: Found
    filled: float
    """The part of its bytes that the stream has used; 0 where it has no limit or is absent."""
    accounts_behind: tuple[str, ...]
    """Agencies whose account the servers do not know, or know with other keys or rights than are registered."""
    durables: frozenset[str]
    """Names of the durables: the public keys of agencies' accounts."""


async def observe(
    place: NatsPlace, agencies: Sequence[Agency], known: OutStream | None, fingerprint: str | None
) -> Observation:
    """Look at servers and stream; `known` and `fingerprint` are what the database says of the stream.

    Raises TimeoutError and StreamUnavailable where the servers do not answer or do not let this hub in, and NotDurable
    where they let in anybody.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            system = await connect_system(place, name="concordat doctor")
            try:
                settings = await asked_of_all(system, "$SYS.REQ.SERVER.PING.VARZ")
                health = await asked_of_all(system, "$SYS.REQ.SERVER.PING.HEALTHZ")
                behind = await _behind(system, place, agencies)
            finally:
                await system.close()
            hub = await connect_hub(place, name="concordat doctor")
            try:
                found = await inspect(hub, known, fingerprint)
                filled, durables = await _filled(hub), await _durables(hub)
            finally:
                await hub.close()
    except (nats.errors.Error, OSError) as error:
        raise StreamUnavailable(f"NATS did not answer ({type(error).__name__})") from None
    return Observation(
        servers=tuple(sorted(str(one.get("version")) for one in settings)),
        faults=tuple(dict.fromkeys(fault for one in settings for fault in server_faults(one))),
        unwell=sum(one.get("status") != "ok" for one in health),
        stream=found,
        filled=filled,
        accounts_behind=behind,
        durables=durables,
    )


async def _behind(system: Client, place: NatsPlace, agencies: Sequence[Agency]) -> tuple[str, ...]:
    behind: list[str] = []
    for start in range(0, len(agencies), _AT_ONCE):
        some = agencies[start : start + _AT_ONCE]
        up_to_date = await asyncio.gather(*(_is_known(system, place, one) for one in some))
        behind += [one.id for one, known in zip(some, up_to_date, strict=True) if not known]
    return tuple(sorted(behind))


async def _is_known(system: Client, place: NatsPlace, agency: Agency) -> bool:
    subject = f"$SYS.REQ.ACCOUNT.{place.token_of(agency.id)}.CLAIMS.LOOKUP"
    answer = (await system.request(subject, b"", timeout=_LOOK_UP_SECONDS)).data.decode()
    if not answer:
        # Whoever left before there was NATS has no account to be shut.
        return not agency.active
    try:
        return _said(answer) == _said(agency_claims(place.keys, agency, 0))
    except NotClaims:
        return False


def _said(claims: str) -> Mapping[str, Any]:
    """Return what claims say, but for the times at which they were signed and revoked."""
    said: dict[str, Any] = decode(claims)["nats"]
    imports = {one["name"]: (one["subject"], one["local_subject"]) for one in said.get("imports", ())}
    return {
        "keys": sorted(said.get("signing_keys", ())),
        "imports": imports,
        "revoked": sorted(said.get("revocations", ())),
        "connections": said["limits"]["conn"],
    }


async def _filled(hub: Client) -> float:
    try:
        info = await ask(hub, f"STREAM.INFO.{STREAM}")
    except ApiError:
        return 0.0
    most = int(info["config"].get("max_bytes", -1))
    return int(info["state"]["bytes"]) / most if most > 0 else 0.0


async def _durables(hub: Client) -> frozenset[str]:
    names: list[str] = []
    while True:
        try:
            page = await ask(hub, f"CONSUMER.NAMES.{STREAM}", {"offset": len(names)})
        except ApiError as error:
            if error.err_code == STREAM_NOT_FOUND:
                return frozenset()
            raise StreamUnavailable(str(error)) from None
        names += page.get("consumers") or ()
        if len(names) >= int(page["total"]) or not page.get("consumers"):
            return frozenset(names)
