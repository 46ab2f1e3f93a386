"""An agency's connection to NATS: made when it is needed, made anew when it has ended, for whatever reason.

The library's own reconnecting is not used: it stops for good when the credentials run out, it never reads them again,
and who waits for an answer meanwhile hears nothing. Here a connection that ends is over for everybody who waits on it,
at once; the next use makes another, with the credentials that are in the file then.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats.errors
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg
from nkeys import NkeysError

from adapters.sdk.problem import AccessRefused, Unreachable

CONNECT_SECONDS = 10.0
"""How long one attempt to connect to any of the servers may take."""
_PING_SECONDS = 5
"""A server that leaves three of these in a row unanswered is gone, whatever the network says."""
_PERMISSIONS = "permissions violation"
_CREDENTIALS = ("authorization", "authentication", "user jwt", "account")

_MARKS = ("BEGIN NATS USER JWT", "BEGIN USER NKEY SEED")

_log = logging.getLogger(__name__)

Failed = asyncio.Future[None]
"""Never has a result: AccessRefused once the server denies a subject, Unreachable once the connection has ended."""


@dataclass(frozen=True)
class NatsPlace:
    """Where the servers are, and with what to come in."""

    urls: tuple[str, ...]
    """`tls://host:port`; `nats://` for a server on this machine only."""
    credentials: Path
    """The `.creds` file that the hub's operator gave. Read for each connection: a renewed file is used by itself."""
    ca_file: Path | None = None
    """Certificates that the servers' own must be signed by; without it, the system's."""

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError("name at least one NATS server")
        for url in self.urls:
            parts = urlsplit(url)
            if not parts.hostname or (parts.scheme != "tls" and not _is_plain_here(parts.scheme, parts.hostname)):
                raise ValueError("a NATS server's address is a tls:// URL; nats:// is for one on this machine only")

    @property
    def is_encrypted(self) -> bool:
        """Whether every connection must be under TLS."""
        return any(url.startswith("tls://") for url in self.urls)

    def tls(self) -> ssl.SSLContext | None:
        """Return how the servers are recognised."""
        if not self.is_encrypted:
            return None
        return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))


class NatsLine:
    """One agency's connection. For one event loop."""

    def __init__(self, agency: str, place: NatsPlace) -> None:
        self.agency = agency
        self._place = place
        self._client: Client | None = None
        self._one_at_a_time = asyncio.Lock()
        self._watched: dict[Failed, str] = {}
        self._is_over = False

    async def client(self) -> Client:
        """Return a live connection. One attempt: Unreachable if no server answers, AccessRefused if none lets us in."""
        async with self._one_at_a_time:
            if self._is_over:
                raise Unreachable("the connection to NATS has been closed here")
            if self._client is None or not self._client.is_connected:
                await self._drop()
                self._client = await self._connect()
            return self._client

    async def close(self) -> None:
        """Close the connection, for good."""
        self._is_over = True
        async with self._one_at_a_time:
            await self._drop()

    @contextmanager
    def watch(self, subject: str) -> Iterator[Failed]:
        """Give what tells of the end of the connection, and of the server's refusal to take something on a subject.

        The library itself only reports a refusal aside: who waits would see a time-out.
        """
        failed: Failed = asyncio.get_running_loop().create_future()
        self._watched[failed] = subject.lower()
        try:
            yield failed
        finally:
            del self._watched[failed]
            failed.cancel()

    async def ask(self, subject: str, body: bytes, headers: dict[str, str], seconds: float) -> Msg:
        """Send a request; return the reply. Raises Unreachable, AccessRefused, ValueError for a body too large."""
        client = await self.client()
        with self.watch(subject) as failed:
            # A dict of its own: the library writes into the one that it is given.
            asking = asyncio.ensure_future(client.request(subject, body, timeout=seconds, headers=dict(headers)))
            try:
                await asyncio.wait((asking, failed), return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():
                    failed.result()
                return asking.result()
            except nats.errors.MaxPayloadError:
                raise ValueError("the message is larger than the NATS server takes") from None
            except (nats.errors.Error, TimeoutError, OSError) as error:
                raise Unreachable(f"no reply over NATS ({type(error).__name__})") from None
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)

    async def _connect(self) -> Client:
        client = _Client(must_encrypt=self._place.is_encrypted)
        try:
            text = await asyncio.to_thread(self._place.credentials.read_text, encoding="ascii")
        except (OSError, UnicodeError):
            raise AccessRefused("no-credentials", 401, "the NATS credentials file cannot be read") from None
        if not all(mark in text for mark in _MARKS):
            raise AccessRefused("no-credentials", 401, "the NATS credentials file is not one")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect(
                    list(self._place.urls),
                    name=f"concordat {self.agency}",
                    user_credentials=RawCredentials(text),
                    inbox_prefix=f"_INBOX_{self.agency}",
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=int(CONNECT_SECONDS),
                    ping_interval=_PING_SECONDS,
                    error_cb=self._on_error,
                    closed_cb=self._on_closed,
                    tls=self._place.tls(),
                )
        except BaseException as error:
            await _quietly_closed(client)
            if isinstance(error, NkeysError | ValueError | nats.errors.InvalidUserCredentialsError):
                raise AccessRefused("no-credentials", 401, "the NATS credentials file is not one") from None
            if isinstance(error, nats.errors.Error) and any(word in str(error).lower() for word in _CREDENTIALS):
                raise AccessRefused("not-let-in", 401, "the NATS server does not take these credentials") from None
            if isinstance(error, nats.errors.Error | OSError | TimeoutError):
                raise Unreachable(f"no NATS server answers ({type(error).__name__})") from None
            raise
        return client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _quietly_closed(client)

    async def _on_error(self, error: Exception) -> None:
        text = str(error).lower()
        if _PERMISSIONS not in text:
            _log.debug("NATS: %s", type(error).__name__)
            return
        refused = AccessRefused("not-permitted", 403, "the NATS server does not take this from this agency")
        if not self._fail(lambda subject: f'"{subject}"' in text, refused):
            _log.error("the NATS server refuses something that this agency sends: are its credentials another's?")

    async def _on_closed(self) -> None:
        self._fail(lambda _subject: True, Unreachable("the connection to NATS has ended"))

    def _fail(self, concerns: Callable[[str], bool], error: Exception) -> bool:
        failing = [one for one, subject in self._watched.items() if concerns(subject) and not one.done()]
        for one in failing:
            one.set_exception(error)
            one.exception()  # whoever watches may have its answer already, and look no more
        return bool(failing)


class _Client(Client):
    """The library's client, that gives nothing away to a server, or somebody in its place, that offers no TLS."""

    def __init__(self, *, must_encrypt: bool) -> None:
        super().__init__()
        self._must_encrypt = must_encrypt

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        # Here, since `tls://` alone does not keep the library from going on in clear text.
        if self._must_encrypt and not info.get("tls_required"):
            raise nats.errors.SecureConnWantedError
        await super()._process_info(info, initial_connection)


async def _quietly_closed(client: Client) -> None:
    with suppress(Exception):
        await client.close()


def _is_plain_here(scheme: str, host: str) -> bool:
    try:
        return scheme == "nats" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
