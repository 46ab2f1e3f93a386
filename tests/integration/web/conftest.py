"""A hub on loopback, served by the real server from a real database, and the agencies that call it."""

import asyncio
import contextlib
import io
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from ulid import ULID

from broker.built import Built
from broker.cli.keys import load_key
from broker.cli.partnership import found, key_file
from broker.flows.checkpoint import publish_checkpoint
from broker.flows.enrol import amend
from broker.settings import Settings
from broker.web.app import create_app
from broker.web.replays import Replays
from broker.web.server import Server
from broker.web.settings import WebSettings
from broker.wiring import build, running
from contracts.agency import Agency
from tests.described import Description

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CANARY = "Canary-Quillfeather"
"""Stands wherever a child's name could: must never be found in an error or a log."""
LOG = io.StringIO()
"""The log of every hub of this process: structlog knows only one."""


@dataclass
class Desk:
    """One agency's machine."""

    agency: str
    key: Ed25519PrivateKey
    url: str
    described: Description
    """Every answer that this machine gets is held against it."""
    _clients: list[httpx2.Client] = field(default_factory=list)

    def assertion(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Sign a client assertion; `claims` replaces or, with None, removes what is usual."""
        now = int(time.time())
        usual = {
            "iss": self.agency,
            "sub": self.agency,
            "aud": f"{self.url}/oauth2/token",
            "iat": now,
            "exp": now + 120,
            "jti": str(uuid.uuid4()),
        }
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(
            {"alg": "Ed25519"} | (header or {}), said, OKPKey.import_key(self.key), algorithms=["Ed25519"]
        )

    def ask(self, assertion: str | None = None, **form: str) -> httpx2.Response:
        """Ask for a token."""
        usual = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
        }
        answer = httpx2.post(f"{self.url}/oauth2/token", data=usual | form)
        self.described.check(answer)
        return answer

    def token(self, scope: str | None = None) -> str:
        """Get a token."""
        answer = self.ask(**({} if scope is None else {"scope": scope}))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def client(self, scope: str | None = None) -> httpx2.Client:
        """Return a client that carries a token."""
        client = httpx2.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {self.token(scope)}"},
            timeout=20,
            event_hooks={"response": [self.described.check]},
        )
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            client.close()


@dataclass
class Served:
    """A hub that is being served, and the desks that can reach it."""

    url: str
    built: Built
    app: FastAPI
    log: io.StringIO
    server: Server
    thread: threading.Thread
    described: Description
    _keys: Path
    _desks: dict[str, Desk] = field(default_factory=dict)

    def desk(self, agency: str) -> Desk:
        """Return the machine of an agency of the Northmere partnership."""
        if agency not in self._desks:
            self._desks[agency] = Desk(agency, load_key(key_file(self._keys, agency)), self.url, self.described)
        return self._desks[agency]

    def change(self, agency: str, **changes: Any) -> None:
        """Change what is registered of an agency, as the operator would at the machine itself."""
        with self.built.store.reading() as view:
            known = next(one for one in view.agencies() if one.id == agency)
        changed: Agency = replace(known, **changes)
        outcome = self.built.hub.sequencer.commit([lambda draft: amend(draft, changed)])[0]
        assert outcome is None, outcome

    def publish_checkpoint(self) -> None:
        """Publish the ledger's head now."""
        hub = self.built.hub
        publish_checkpoint(hub.store, hub.parts.vault, hub.signer, hub.parts.clock)

    def stop(self) -> None:
        """Stop the server and wait for it."""
        for desk in self._desks.values():
            desk.close()
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive(), "the server did not stop"


Serve = Callable[..., Served]


@contextlib.contextmanager
def _serving(folder: Path, replays: Replays | None = None, **settings: Any) -> Iterator[Served]:
    built = build(Settings(state=folder / "state", checkpoint_seconds=3600))
    found(built.hub, folder / "agencies")
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> Any:
        async with running(built):
            yield

    app = create_app(built.hub, WebSettings(**({"issuer": url} | settings)), lifespan, replays)
    server = Server(app, "127.0.0.1", 0)
    logging_before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(LOG),
        cache_logger_on_first_use=False,
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    served = Served(url, built, app, LOG, server, thread, Description(app.openapi()), folder / "agencies")
    try:
        for _ in range(400):
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(f"{url}/livez").status_code == 200:
                    break
        yield served
    finally:
        served.stop()
        listening.close()
        structlog.configure(**logging_before)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve a hub with settings of one's own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_serving(tmp_path / str(ULID()), **settings))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub that the tests of one module share: each uses episodes of its own."""
    with _serving(tmp_path_factory.mktemp("hub"), heartbeat_seconds=0.3, registry_seconds=0.0) as served:
        yield served


@pytest.fixture(scope="session")
def canary() -> str:
    """A name that must never be found where it does not belong."""
    return CANARY


@pytest.fixture(scope="session")
def opened() -> Callable[..., dict[str, Any]]:
    """Make the event by which Harbour House reports that Robin has not come home."""

    def make(episode: str | None = None, **attributes: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": str(ULID()),
            "source": "/agencies/harbour-house",
            "type": "concordat.episode.opened.v1",
            "subject": f"episode/{episode or ULID()}",
            "time": "2026-11-22T21:40:00Z",
            "datacontenttype": "application/json",
            "data": {
                "child": {"name": "Robin Example", "local_reference": "HH-ROOM-0"},
                "reported_at": "2026-11-22T21:38:00Z",
                "last_seen": {"at": "2026-11-22T19:05:00Z"},
                "risk": {"level": "high"},
                "involved": [
                    {"agency": "harbour-house", "role": "care_provider"},
                    {"agency": "westmoor-council", "role": "responsible_authority"},
                    {"agency": "northmere-police", "role": "owning_force"},
                ],
            },
        } | attributes

    return make


@dataclass(frozen=True)
class Message:
    """One block of a server-sent event stream."""

    id: str | None
    event: str | None
    data: str | None
    retry: str | None = None


@pytest.fixture(scope="session")
def listen() -> Callable[..., contextlib.AbstractContextManager[Iterator[Message]]]:
    """Open a feed and give its messages one by one, heartbeats too; the iterator ends when the hub ends the stream."""

    @contextlib.contextmanager
    def listening(
        client: httpx2.Client, query: str = "", headers: dict[str, str] | None = None
    ) -> Iterator[Iterator[Message]]:
        with client.stream("GET", f"/v1/feed{query}", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _blocks(answer.iter_lines())

    return listening


def _blocks(lines: Iterator[str]) -> Iterator[Message]:
    block: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            assert name not in block, "one line each: a CloudEvent stands on one line"
            block[name] = value
        else:
            yield Message(block.get("id"), block.get("event"), block.get("data"), block.get("retry"))
            block = {}
