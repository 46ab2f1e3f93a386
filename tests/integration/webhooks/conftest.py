"""A hub that sends webhooks, and agencies' endpoints: real HTTPS servers on loopback, under a CA of their own."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from ulid import ULID

from broker.cli.partnership import found
from broker.delivery.subscription import Subscription
from broker.egress.addresses import Allowance
from broker.egress.sender import HttpSender
from broker.flows import endpoints
from broker.flows.check import read
from broker.flows.dispatch import Dispatcher, Pace
from broker.flows.hub import Hub
from broker.flows.parts import Parts
from broker.flows.publish import publish
from broker.flows.registry import Registry
from broker.flows.sequencer import Sequencer
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.clock import SetClock
from broker.ports.fresh import FreshMail
from broker.ports.notifier import LocalNotifier
from broker.ports.records import Position
from broker.ports.vault import MemoryVault
from broker.ports.webhooks import Attempt, Endpoint
from broker.store.database import SqlStore
from contracts.envelope import rfc3339

TONIGHT = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
POLICE = "northmere-police"
CANARY = "Canary-Quillfeather"
"""Stands where a child's name does: must never be found in a log or an attempt."""
NAME = "desk.example"


@dataclass(frozen=True)
class Certificates:
    """A CA that the hub trusts, and a server's certificate for one name."""

    authority: Path
    _folder: Path
    _key: ec.EllipticCurvePrivateKey
    _certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path) -> "Certificates":
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate("Invented CA", key, "Invented CA", key, is_authority=True)
        authority = folder / "ca.pem"
        authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(authority, folder, key, certificate)

    def context(self, name: str) -> ssl.SSLContext:
        """Return a server's context with a certificate for that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key, "Invented CA", self._key, is_authority=False)
        file = self._folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if is_authority:
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


@dataclass(frozen=True)
class Received:
    """One request as an endpoint got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = orjson.loads(self.body)
        return event

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answering = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """An agency's endpoint. `answer` says what it does with a request."""

    port: int = 0
    got: list[Received] = field(default_factory=list)
    answer: Answering | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hook", name: str = NAME) -> str:
        return f"https://{name}:{self.port}{path}"

    def ids(self) -> list[str]:
        return [one.id for one in self.got]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                request, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                received = Received(request.split(" ")[1], headers, body)
                self.got.append(received)
                self.arrived.set()
                await (self.answer or status(200))(received, writer)
                await writer.drain()
            finally:
                writer.close()


def status(code: int, *headers: str, body: bytes = b"") -> Answering:
    """Answer with a status."""

    async def answer(_received: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} As Asked", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)

    return answer


async def hang(_received: Received, _writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def drip(_received: Received, writer: asyncio.StreamWriter) -> None:
    """Send the head of an answer a letter at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.01)


async def flood(_received: Received, writer: asyncio.StreamWriter) -> None:
    """Answer 200 with a body that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        await writer.drain()


@dataclass
class Names:
    """A resolver that a test holds in its hand."""

    of: dict[str, list[list[str]]] = field(default_factory=dict)
    """By name the answers, one after the other; the last one stays."""
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.of.get(host, [["127.0.0.1"]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Station:
    """A hub whose webhooks a test follows step by step."""

    hub: Hub
    clock: SetClock
    names: Names
    sender: HttpSender
    dispatcher: Dispatcher
    certificates: Certificates

    def another_dispatcher(self, **pace: float) -> Dispatcher:
        """A second replica on the same database."""
        return Dispatcher(self.hub, Pace(**pace), jitter=lambda: 0.0)  # type: ignore[arg-type]

    async def tell(self, episode: str | None = None, event_type: str = "concordat.episode.opened.v1") -> str:
        """Have Harbour House tell the police something of an episode; return the episode."""
        episode = episode or str(ULID())
        data: dict[str, Any] = {
            "concordat.episode.opened.v1": {
                "child": {"name": CANARY},
                "last_seen": {"at": "2026-11-22T19:05:00Z"},
                "risk": {"level": "high"},
                "involved": [{"agency": POLICE, "role": "owning_force"}],
            },
            "concordat.child.located.v1": {"located_at": rfc3339(self.clock.now())},
        }[event_type]
        incoming = read(
            {
                "specversion": "1.0",
                "id": str(ULID()),
                "source": "/agencies/harbour-house",
                "type": event_type,
                "subject": f"episode/{episode}",
                "time": rfc3339(self.clock.now()),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        parts = self.hub.parts
        published = await self.hub.sequencer.submit(lambda draft: publish(draft, "harbour-house", incoming, parts))
        assert POLICE in {told.agency for told in published.receipt.told}, published.receipt
        return episode

    def endpoint(self, url: str, subscription: Subscription | None = None, agency: str = POLICE) -> Endpoint:
        """Make an endpoint."""
        hub = self.hub
        with hub.store.writing() as unit:
            return endpoints.create(
                unit, str(ULID()), agency, url, subscription or Subscription(), hub.parts, hub.outgoing
            )

    def change(self, endpoint: Endpoint, asked: endpoints.Change) -> Endpoint:
        hub = self.hub
        with hub.store.writing() as unit:
            return endpoints.change(unit, endpoint.agency, endpoint.id, asked, hub.parts, hub.outgoing)

    def see(self, endpoint: Endpoint) -> Endpoint:
        with self.hub.store.reading() as view:
            return endpoints.own_endpoint(view, endpoint.agency, endpoint.id)

    def attempts(self, endpoint: Endpoint) -> list[Attempt]:
        """Every attempt, oldest first."""
        with self.hub.store.reading() as view:
            return list(reversed(view.attempts(endpoint.id, None, 500)))

    def told(self, episode: str) -> dict[str, datetime | None]:
        """When each event of an episode arrived at the police's machine."""
        with self.hub.store.reading() as view:
            return {row.type: row.delivered_at for row in view.told(f"episode/{episode}") if row.agency == POLICE}

    status = staticmethod(status)
    hang = staticmethod(hang)
    drip = staticmethod(drip)
    flood = staticmethod(flood)

    def refusing(self, *event_types: str, code: int = 500) -> Answering:
        """Answer that status to messages of these types, or with none to all, and 200 to the others."""

        async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
            refused = not event_types or received.event["type"] in event_types
            await status(code if refused else 200)(received, writer)

        return answer

    def sender_with(self, **options: Any) -> HttpSender:
        """A sender of its own, on this station's names and CA."""
        usual: dict[str, Any] = {"authorities": self.certificates.authority, "resolver": self.names, "timeout": 5}
        return HttpSender(options.pop("allowance", Allowance.read(["127.0.0.1/32"])), **(usual | options))

    def mail(self, agency: str = POLICE) -> list[str]:
        """The ids in an agency's mailbox, in order."""
        with self.hub.store.reading() as view:
            mailbox = view.mailbox(agency)
            return [one.disclosure for one in view.mail_places(agency, Position(mailbox.generation, 0), 500)]

    async def later(self, by: timedelta) -> None:
        """Let time pass, and let the dispatcher do what has fallen due."""
        self.clock.advance(by)
        await self.dispatcher.work_off()

    @contextlib.asynccontextmanager
    async def receiver(
        self, answer: Answering | None = None, *, name: str = NAME, host: str = "127.0.0.1"
    ) -> AsyncIterator[Receiver]:
        """Serve an endpoint on loopback."""
        receiver = Receiver(answer=answer)
        server = await asyncio.start_server(receiver.serve, host, 0, ssl=self.certificates.context(name))
        receiver.port = server.sockets[0].getsockname()[1]
        try:
            yield receiver
        finally:
            server.close()


Play = Callable[[Callable[[Station], Awaitable[None]]], None]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.make(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def play(tmp_path: Path, certificates: Certificates) -> Iterator[Play]:
    """Play a story on a hub of its own: the Northmere partnership, a clock that stands, loopback allowed."""
    vault = MemoryVault()
    store = SqlStore(f"sqlite:///{tmp_path / 'hub.db'}", vault)

    async def on_stage(story: Callable[[Station], Awaitable[None]]) -> None:
        clock, names = SetClock(TONIGHT), Names()
        allowed = Allowance.read(["127.0.0.1/32"])
        sender = HttpSender(allowed, authorities=certificates.authority, resolver=names, timeout=5)
        parts = Parts("hub.northmere.example", clock, vault, Registry(), lambda: str(ULID()))
        notifier = LocalNotifier()
        signer = CheckpointSigner("hub.northmere.example/ledger", Ed25519PrivateKey.generate())
        fresh = FreshMail()
        hub = Hub(parts, store, Sequencer(store, notifier, parts, fresh), notifier, signer, fresh, sender)
        found(hub, tmp_path / "keys")
        dispatcher = Dispatcher(hub, Pace(poll=0.05), jitter=lambda: 0.0)
        sequencing = asyncio.create_task(hub.sequencer.run())
        try:
            async with asyncio.timeout(60):
                await story(Station(hub, clock, names, sender, dispatcher, certificates))
        finally:
            await dispatcher.stop()
            sequencing.cancel()
            hub.sequencer.close()

    yield lambda story: asyncio.run(on_stage(story))
    store.close()
