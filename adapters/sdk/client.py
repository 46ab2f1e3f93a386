"""The hub as an agency's system calls it: one method for each thing that INTERFACES §2 offers to an agency."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

import httpx2

from adapters.sdk.calls import Call, Calls
from adapters.sdk.clock import Clock, SystemClock
from adapters.sdk.credentials import Credentials
from adapters.sdk.message import Message, position_of
from adapters.sdk.position import Position
from adapters.sdk.problem import UnexpectedAnswer
from adapters.sdk.retry import Backoff
from adapters.sdk.tokens import Tokens
from adapters.sdk.wire import read
from contracts.disclosure import Opening, Receipt
from contracts.tiles import Tile

DEFAULT_SCOPES = ("publish", "subscribe")
SILENCE = 45.0
"""Seconds. The feed has a heartbeat every 15 s; three missed ones are a dead connection."""
LONGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes. A history holds every earlier event of an episode; more than this is not a message but an attack."""
_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)


@dataclass(frozen=True)
class Inbox:
    """One page of the mailbox. Asking again with `after=next` confirms that these were delivered."""

    items: tuple[Message, ...]
    next: Position


class HubClient:
    """Everything raises Problem (the hub refuses), Unreachable (no answer) or UnexpectedAnswer;
    an id that cannot stand in a path is a ValueError.

    Repeats what can be repeated with back-off, honours `Retry-After`, and gets a fresh token once after a 401.
    """

    def __init__(
        self,
        hub: str,
        credentials: Credentials,
        *,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """`hub` is its base URL: https, or http on this machine only, else ValueError.

        `scopes` are those to ask for; none asks for all that the operator has granted (RFC 6749 §3.3).
        """
        _check_base(hub)
        self.agency = credentials.agency
        self.clock: Clock = clock or SystemClock()
        self._http = httpx2.AsyncClient(base_url=hub, transport=transport, timeout=_TIMEOUT, follow_redirects=False)
        tokens = Tokens(self._http, credentials, tuple(scopes), self.clock)
        self._calls = Calls(self._http, tokens, self.clock, backoff or Backoff())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # -- publishing ------------------------------------------------------------------------------------------------

    async def publish(self, event: Mapping[str, Any], *, once: bool = False) -> Receipt:
        """Publish one event. The same event again gives the same receipt, so repeating is safe.

        `once`: a single attempt, for a caller that repeats by its own plan, as `Sender` does.
        """
        call = _event_call("/v1/events", "application/cloudevents+json", event)
        return read(Receipt, await self._calls.json(replace(call, once=once)))

    async def publish_batch(self, events: Sequence[Mapping[str, Any]]) -> tuple[Receipt, ...]:
        """Publish up to 500 events, all or none; receipts come in the events' order."""
        call = _event_call("/v1/events", "application/cloudevents-batch+json", list(events))
        answer = await self._calls.json(call)
        items = answer.get("items") if isinstance(answer, dict) else answer
        if not isinstance(items, list):
            raise UnexpectedAnswer("the hub's answer to a batch is not a list of receipts")
        return tuple(read(Receipt, item) for item in items)

    async def validate(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Check an event without publishing it: who would be told, and which fields. The hub records the question."""
        return await self._object(_event_call("/v1/events/validate", "application/cloudevents+json", event))

    # -- receiving -------------------------------------------------------------------------------------------------

    async def inbox(self, after: Position | None = None, limit: int | None = None) -> Inbox:
        """Read the mailbox after a position; giving a position confirms delivery up to it."""
        query = [("after", str(after))] if after else []
        if limit is not None:
            query.append(("limit", str(limit)))
        page = await self._object(Call("GET", "/v1/inbox", query))
        items = tuple(Message.read(item) for item in page.get("items", []))
        following = page.get("next")
        if isinstance(following, str):
            return Inbox(items, position_of(following))
        last = items[-1].position if items else after
        return Inbox(items, last or Position(0, 0))

    @asynccontextmanager
    async def open_feed(
        self, after: Position | None, types: Sequence[str] = (), episode: str | None = None
    ) -> AsyncIterator[httpx2.EventSource]:
        """Open the feed once. `Feed` is what an application uses: it resumes."""
        query = [("type", name) for name in types] + ([("episode", episode)] if episode else [])
        headers = {"accept": "text/event-stream", "cache-control": "no-store"}
        if after is not None:
            headers["last-event-id"] = str(after)
        async with self._calls.stream(Call("GET", "/v1/feed", query, headers=headers), silence=SILENCE) as response:
            yield httpx2.EventSource(response, max_event_size=LONGEST_MESSAGE)

    async def acknowledge(
        self,
        action: str,
        by: Mapping[str, str],
        *,
        disclosure_id: str | None = None,
        episode: str | None = None,
        up_to: Position | None = None,
        note: str | None = None,
    ) -> dict[str, Any]:
        """Say what a person does about a disclosure, or about an episode up to a position of the mailbox.

        `action` is `seen`, `acting`, `actioned` or `cannot_act`; `by` is `{"name", "role"}`.
        Name either `disclosure_id`, or `episode` with `up_to`.
        """
        body = {
            "disclosure_id": disclosure_id,
            "episode": episode,
            "up_to_sequence": str(up_to) if up_to else None,
            "action": action,
            "by": dict(by),
            "note": note,
        }
        present = {name: value for name, value in body.items() if value is not None}
        headers = {"content-type": "application/json"}
        call = Call("POST", "/v1/acknowledgements", content=_json(present), headers=headers, repeatable=False)
        return await self._object(call)

    async def channel_key(self, kid: str) -> str:
        """Return a key of messages in NATS, wrapped to this agency's encryption key: a compact JWE."""
        return (await self._calls.send(Call("GET", f"/v1/channel-keys/{_segment(kid)}"))).text.strip()

    # -- webhooks --------------------------------------------------------------------------------------------------

    def endpoints(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the agency's webhook endpoints, with their public keys and without their secrets."""
        return self._pages("/v1/endpoints")

    async def create_endpoint(self, url: str, types: Sequence[str] = ()) -> dict[str, Any]:
        """Have mail that comes from now on sent to a URL. The answer holds the endpoint's `secret`, this once."""
        body = {"url": url} | ({"types": list(types)} if types else {})
        headers = {"content-type": "application/json"}
        return await self._object(Call("POST", "/v1/endpoints", content=_json(body), headers=headers, repeatable=False))

    async def remove_endpoint(self, endpoint: str) -> None:
        """Have nothing sent to an endpoint any more."""
        await self._calls.send(Call("DELETE", f"/v1/endpoints/{_segment(endpoint)}"))

    # -- looking up ------------------------------------------------------------------------------------------------

    def episodes(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the episodes that this agency has been told of."""
        return self._pages("/v1/episodes")

    async def episode(self, episode: str) -> dict[str, Any]:
        """Return one episode as this agency may see it."""
        return await self._object(Call("GET", f"/v1/episodes/{_segment(episode)}"))

    def told(self, episode: str) -> AsyncIterator[dict[str, Any]]:
        """Yield who has been told what of an episode, and when it was delivered, seen and acted upon."""
        return self._pages(f"/v1/episodes/{_segment(episode)}/told")

    def disclosures(self, **filters: str) -> AsyncIterator[dict[str, Any]]:
        """Yield disclosures. Filters are those of the interface; `from` is written `from_`."""
        return self._pages("/v1/disclosures", [(name.rstrip("_"), value) for name, value in filters.items()])

    async def explanation(self, disclosure_id: str) -> dict[str, Any]:
        """Return why the fields of a disclosure were released, transformed or withheld."""
        return await self._object(Call("GET", f"/v1/disclosures/{_segment(disclosure_id)}/explanation"))

    # -- proving ---------------------------------------------------------------------------------------------------

    async def entry(self, disclosure_id: str) -> bytes:
        """Return the exact bytes of the disclosure's leaf in the ledger."""
        return (await self._calls.send(Call("GET", f"/v1/disclosures/{_segment(disclosure_id)}/entry"))).content

    async def opening(self, disclosure_id: str) -> Opening:
        """Return what opens the entry's commitments for this agency."""
        return read(Opening, await self._calls.json(Call("GET", f"/v1/disclosures/{_segment(disclosure_id)}/opening")))

    async def proof(self, disclosure_id: str) -> str:
        """Return the disclosure's C2SP tlog-proof, waiting for the next checkpoint if there is none yet."""
        call = Call("GET", f"/v1/disclosures/{_segment(disclosure_id)}/proof", await_existence=True)
        return (await self._calls.send(call)).text

    async def checkpoint(self) -> str:
        """Return the ledger's latest checkpoint, a C2SP signed note."""
        return (await self._calls.send(Call("GET", "/v1/ledger/checkpoint"))).text

    async def tile(self, tile: Tile) -> bytes:
        """Return a tile's hashes, one after the other (C2SP tlog-tiles)."""
        return (await self._calls.send(Call("GET", f"/v1/ledger/tile/{tile.path()}"))).content

    async def verifier_key(self) -> str:
        """Return the key that the hub says it signs with: to compare with the pinned one, never to verify with."""
        return (await self._calls.send(Call("GET", "/v1/ledger/verifier-key"))).text.strip()

    async def _object(self, call: Call) -> dict[str, Any]:
        document = await self._calls.json(call)
        if not isinstance(document, dict):
            raise UnexpectedAnswer("the hub's answer is not a JSON object")
        return document

    async def _pages(self, path: str, query: Sequence[tuple[str, str]] = ()) -> AsyncIterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = await self._object(Call("GET", path, [*query, *([("cursor", cursor)] if cursor else [])]))
            for item in page.get("items", []):
                yield item
            cursor = page.get("next")
            if not isinstance(cursor, str):
                return


def _event_call(path: str, media_type: str, body: object) -> Call:
    return Call("POST", path, content=_json(body), headers={"content-type": media_type})


def _json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _segment(text: str) -> str:
    """Ids are plain; anything that could change the path is refused rather than escaped."""
    if not text or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in text) or set(text) == {"."}:
        raise ValueError("an id in a path is made of letters, digits, hyphens and dots")
    return text


def _check_base(hub: str) -> None:
    url = httpx2.URL(hub)
    if url.scheme == "https" and url.host:
        return
    if url.scheme == "http" and _is_this_machine(url.host):
        return
    raise ValueError("the hub's address is an https URL; plain http is for a hub on this machine only")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
