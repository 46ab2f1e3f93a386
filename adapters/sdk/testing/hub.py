"""The hub in memory: an httpx2 transport with the agency side of the public interface behind it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from adapters.sdk.clock import Clock
from adapters.sdk.compose import new_id
from adapters.sdk.credentials import Credentials
from adapters.sdk.position import Position
from adapters.sdk.testing.authority import Authority
from adapters.sdk.testing.clock import ManualClock
from adapters.sdk.testing.faults import Fault, Refusal
from adapters.sdk.testing.log import MemoryLog
from adapters.sdk.testing.mailbox import Mailbox
from contracts.disclosure import NotTold, Receipt, Told
from contracts.envelope import Subject, absolute, rfc3339
from contracts.parse import InvalidEvent, parse_event
from contracts.tiles import Tile


@dataclass(frozen=True)
class Publication:
    """An event that an agency published, and the receipt it got."""

    agency: str
    event: dict[str, Any] = field(repr=False)
    receipt: Receipt


@dataclass(frozen=True)
class _Disclosure:
    index: int
    opening: dict[str, Any]
    explanation: dict[str, Any]


class InMemoryHub(httpx2.AsyncBaseTransport):
    """Checks tokens and contracts as a hub does; who is told what is for the test to say."""

    def __init__(self, clock: Clock | None = None, origin: str = "hub.northmere.example") -> None:
        self.origin = origin
        self.url = f"https://{origin}"
        self.clock = clock or ManualClock()
        self.authority = Authority(self.url, self.clock)
        self.log = MemoryLog(f"{origin}/ledger")
        self.published: list[Publication] = []
        self.acknowledgements: list[tuple[str, dict[str, Any]]] = []
        self.told: dict[str, list[dict[str, Any]]] = {}
        """By episode: the rows of its told matrix."""
        self.faults: list[Fault] = []
        """What befalls the next calls: each once, in this order."""
        self.refuse: Callable[[dict[str, Any]], Refusal | None] = lambda _event: None
        """Asked for every event that satisfies its contract."""
        self.tells: tuple[Told, ...] = ()
        self.does_not_tell: tuple[NotTold, ...] = ()
        """What the next receipts say."""
        self._mailboxes: dict[str, Mailbox] = {}
        self._disclosures: dict[str, _Disclosure] = {}

    # -- for the test ----------------------------------------------------------------------------------------------

    def enrol(self, agency: str) -> Credentials:
        """Register an agency with a new key."""
        credentials = Credentials.generate(agency)
        self.authority.enrol(credentials)
        return credentials

    def mailbox(self, agency: str) -> Mailbox:
        """Return an agency's mailbox."""
        return self._mailboxes.setdefault(agency, Mailbox())

    def deliver(
        self,
        agency: str,
        event_type: str,
        data: dict[str, Any],
        *,
        subject: str | None = None,
        source: str = "/hub",
        message_id: str | None = None,
    ) -> Position:
        """Tell an agency something: record it in the ledger and put it into its mailbox."""
        disclosure = message_id or new_id()
        time = rfc3339(self.clock.now())
        detail = {"disclosure": disclosure, "event_type": event_type, "outcome": "disclosed"}
        opening = self.log.record(
            time, f"//{self.origin}/hub", absolute(self.origin, agency), {"payload": data, "detail": detail}
        )
        self._disclosures[disclosure] = _Disclosure(len(self.log.leaves) - 1, opening, detail)
        event = {"specversion": "1.0", "id": disclosure, "source": source, "type": event_type, "time": time}
        if subject is not None:
            event["subject"] = subject
        return self.mailbox(agency).add({**event, "concordatprotocol": "northmere-missing-children@3", "data": data})

    # -- the surface -----------------------------------------------------------------------------------------------

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        fault = next((fault for fault in self.faults if request.url.path.startswith(fault.path)), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.after_it_was_done:
                self._answer(request)
            return fault.answer(request)
        return self._answer(request)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.response()

    def _route(self, request: httpx2.Request) -> httpx2.Response:  # noqa: C901, PLR0911, PLR0912 (one case per path, as the interface lists them)
        match request.method, request.url.path.strip("/").split("/"):
            case "GET", [".well-known", "oauth-authorization-server"]:
                return httpx2.Response(200, json=self.authority.metadata())
            case "POST", ["oauth2", "token"]:
                return self.authority.grant(request.content)
            case "POST", ["v1", "events"]:
                return self._publish(request, self.authority.agency_of(request, "publish"))
            case "POST", ["v1", "events", "validate"]:
                self._check(json.loads(request.content), self.authority.agency_of(request, "publish"))
                return httpx2.Response(200, json={"told": [], "not_told": [], "warnings": []})
            case "GET", ["v1", "feed"]:
                agency = self.authority.agency_of(request, "subscribe")
                last = request.headers.get("last-event-id", request.url.params.get("after"))
                return self.mailbox(agency).feed(last)
            case "GET", ["v1", "inbox"]:
                return self._inbox(request, self.authority.agency_of(request, "subscribe"))
            case "POST", ["v1", "acknowledgements"]:
                agency = self.authority.agency_of(request, "subscribe")
                self.acknowledgements.append((agency, json.loads(request.content)))
                return httpx2.Response(201, json={"id": new_id()})
            case "GET", ["v1", "episodes", episode, "told"]:
                self.authority.agency_of(request, "subscribe")
                return httpx2.Response(
                    200, json={"episode": episode, "items": self.told.get(episode, []), "next": None}
                )
            case "GET", ["v1", "disclosures", *rest]:
                self.authority.agency_of(request, None)
                return self._disclosure(rest)
            case "GET", ["v1", "ledger", "checkpoint"]:
                return httpx2.Response(200, text=self.log.checkpoint())
            case "GET", ["v1", "ledger", "tile", *tile]:
                return httpx2.Response(200, content=self.log.tile(Tile.parse("/".join(tile))))
            case "GET", ["v1", "ledger", "verifier-key"]:
                return httpx2.Response(200, text=self.log.verifier_key().format() + "\n")
            case _:
                raise Refusal(404, "not-found", "there is nothing here")

    def _publish(self, request: httpx2.Request, agency: str) -> httpx2.Response:
        body = json.loads(request.content)
        if request.headers["content-type"] == "application/cloudevents-batch+json":
            for event in body:
                self._check(event, agency)
            return httpx2.Response(201, json=[self._accept(event, agency)[1] for event in body])
        self._check(body, agency)
        status, receipt = self._accept(body, agency)
        return httpx2.Response(status, json=receipt)

    def _check(self, event: dict[str, Any], agency: str) -> None:
        try:
            parsed = parse_event(event)
        except InvalidEvent as error:
            errors = tuple({"pointer": f.pointer, "code": f.code, "message": f.message} for f in error.faults)
            raise Refusal(422, "invalid-event", "put right what errors names", errors) from None
        if parsed.envelope.agency() != agency:
            raise Refusal(403, "not-your-source", "publish under your own source")
        refusal = self.refuse(event)
        if refusal is not None:
            raise refusal

    def _accept(self, event: dict[str, Any], agency: str) -> tuple[int, dict[str, Any]]:
        known = next((p for p in self.published if (p.agency, p.event["id"]) == (agency, event["id"])), None)
        if known is not None:
            if known.event != event:
                raise Refusal(409, "id-in-use", "compose a new event: this id stands for other content")
            return 200, known.receipt.model_dump(mode="json", exclude_none=True)
        subject = event.get("subject") or f"child/{new_id()}"
        about = Subject.parse(subject)
        receipt = Receipt(
            event_id=event["id"],
            source=absolute(self.origin, agency),
            accepted_at=rfc3339(self.clock.now()),
            subject=subject,
            episode=about.id if about.kind == "episode" else None,
            entry=new_id(),
            told=self.tells,
            not_told=self.does_not_tell,
        )
        self.published.append(Publication(agency, event, receipt))
        return 201, receipt.model_dump(mode="json", exclude_none=True)

    def _inbox(self, request: httpx2.Request, agency: str) -> httpx2.Response:
        mailbox, after = self.mailbox(agency), request.url.params.get("after")
        position = None if after is None else Position.parse(after)
        if position is not None:
            mailbox.confirmed = position
        page = mailbox.after(position)[: int(request.url.params.get("limit", "100"))]
        following = page[-1] if page else position or Position(mailbox.generation, 0)
        return httpx2.Response(200, json={"items": [mailbox.messages[known] for known in page], "next": str(following)})

    def _disclosure(self, rest: list[str]) -> httpx2.Response:
        if not rest:
            items = [{"id": disclosure} for disclosure in self._disclosures]
            return httpx2.Response(200, json={"items": items, "next": None})
        found = self._disclosures.get(rest[0])
        if found is None:
            raise Refusal(404, "not-found", "there is no such disclosure of yours")
        match rest[1:]:
            case ["entry"]:
                return httpx2.Response(200, content=self.log.leaves[found.index])
            case ["opening"]:
                return httpx2.Response(200, json={"id": rest[0], "commitments": found.opening})
            case ["explanation"]:
                return httpx2.Response(200, json=found.explanation)
            case ["proof"]:
                proof = self.log.proof(found.index)
                if proof is None:
                    raise Refusal(404, "not-yet", "wait for the next checkpoint", retry_after="2")
                return httpx2.Response(200, text=proof)
            case _:
                raise Refusal(404, "not-found", "there is nothing here")
