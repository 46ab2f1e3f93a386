"""The Outgoing port over HTTP: the address that was checked is the address that is connected to.

A name is resolved once for each request; every address that it has must be allowed, and the connection is made to one
of these addresses as a literal, while Host, SNI and the certificate's check keep the name. So a name that changes
between check and use (DNS rebinding) gains nothing. Redirects are not followed, proxies of the environment are not
used, connections are not shared between requests, and of an answer only the status is read.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import httpx2
import structlog

from broker.delivery.schedule import Outcome, outcome_of
from broker.egress.addresses import Address, Allowance, parse
from broker.ports.outgoing import Answer, TargetRefused

log = structlog.get_logger("concordat.webhooks")

TIMEOUT_SECONDS = 20.0
"""For all of one attempt: name, connection, TLS, request and the head of the answer."""
MAX_URL = 2000
_MOST_ADDRESSES = 3
"""Addresses of one name that are tried; only while no connection has come about, so nothing is sent twice."""
_RESOLVERS = 256
"""Names that may be looked up at once: a name server that is silent must not hold up the others."""
_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65535

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host name and port to its addresses as text; raises OSError if it has none."""


class HttpSender:
    """Sends over HTTP/1.1. Belongs to one event loop."""

    def __init__(
        self,
        allowance: Allowance,
        *,
        authorities: Path | None = None,
        resolver: Resolver | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`authorities` is a PEM file of certificate authorities to trust besides the public ones; OSError if unfit."""
        self._allowance = allowance
        self._timeout = timeout
        self._lookups = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="lookup") if resolver is None else None
        self._resolve = resolver or self._look_up
        if authorities is not None:
            self._tls.load_verify_locations(authorities)  # at once, so that an unfit file stops the hub from starting

    def check(self, url: str) -> None:
        """Raise TargetRefused for a URL that could never be sent to."""
        self._read(url)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one POST and say how it ended; the address is checked anew each time."""
        try:
            async with asyncio.timeout(self._timeout):
                target = self._read(url)
                addresses = await self._addresses(target)
                return await self._send(target, addresses, headers, body)
        except Exception as error:  # noqa: BLE001 (whatever the other side provokes is an attempt that failed)
            return Answer(_outcome_of(error))

    def close(self) -> None:
        """Look up no more names."""
        if self._lookups is not None:
            self._lookups.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made when first sent with: most commands open a hub and send nothing.
        return httpx2.create_ssl_context(trust_env=False)

    def _read(self, url: str) -> httpx2.URL:
        fits = len(url) <= MAX_URL and url.isascii() and url.isprintable() and " " not in url
        try:
            target = httpx2.URL(url) if fits else None
        except (httpx2.InvalidURL, ValueError):
            target = None
        if target is None or target.scheme not in _PORTS or not target.host or not 0 < _port(target) <= _LAST_PORT:
            raise TargetRefused(f"send an https URL of at most {MAX_URL} ASCII characters, such as {_EXAMPLE}")
        if target.userinfo or target.fragment:
            raise TargetRefused("send a URL without user, password or fragment: messages are signed instead")
        if target.scheme == "http" and not self._allowance.networks:
            raise TargetRefused("send an https URL: this hub sends nothing without TLS")
        literal = parse(target.host)
        if literal is not None and not self._takes(target, literal):
            raise TargetRefused("this hub sends to public addresses only: ask its operator about any other network")
        return target

    def _takes(self, target: httpx2.URL, address: Address) -> bool:
        return self._allowance.takes(address, encrypted=target.scheme == "https")

    async def _addresses(self, target: httpx2.URL) -> list[Address]:
        """Return the addresses of the target's name, all of them allowed. TargetRefused, OSError."""
        found = [parse(text) for text in await self._resolve(_host(target), _port(target))]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        addresses = [address for address in found if address is not None and self._takes(target, address)]
        if len(addresses) != len(found):
            raise TargetRefused("the name leads to an address that this hub does not send to")
        return list(dict.fromkeys(addresses))[:_MOST_ADDRESSES]

    async def _send(
        self, target: httpx2.URL, addresses: Sequence[Address], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        failure: Exception = OSError("no address")
        for address in addresses:
            try:
                return await self._send_to(target, address, headers, body)
            except httpx2.ConnectError as error:
                failure = error
        raise failure

    async def _send_to(self, target: httpx2.URL, address: Address, headers: Mapping[str, str], body: bytes) -> Answer:
        # A transport for this request alone: a pool goes by address, and another name may share it.
        transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, retries=0)
        async with httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False) as client:
            request = client.build_request(
                "POST",
                target.copy_with(host=str(address)),
                headers={**headers, "host": target.netloc.decode("ascii"), "accept-encoding": "identity"},
                content=body,
                extensions={"sni_hostname": _host(target)},
                timeout=self._timeout,
            )
            answer = await client.send(request, stream=True)
            # Its body is never read: what it holds is of no use here, and it may have no end.
            with contextlib.suppress(httpx2.HTTPError):
                await answer.aclose()
            return Answer(outcome_of(answer.status_code), answer.status_code)

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._lookups, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(place[0]) for *_, place in found]


_EXAMPLE = "https://desk.example/concordat"


def _host(target: httpx2.URL) -> str:
    """The name as it goes over the wire: ASCII, without the brackets of an IPv6 literal."""
    return target.raw_host.decode("ascii").strip("[]")


def _port(target: httpx2.URL) -> int:
    return _PORTS[target.scheme] if target.port is None else target.port


def _outcome_of(error: Exception) -> Outcome:
    """Name a failure. Nothing of its text is used: it may quote an address."""
    if isinstance(error, TargetRefused):
        return Outcome.NOT_ALLOWED
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return Outcome.TIMED_OUT
    if isinstance(error, socket.gaierror):
        return Outcome.UNRESOLVED
    if _is_about_trust(error):
        return Outcome.NOT_TRUSTED
    if not isinstance(error, httpx2.HTTPError | httpx2.InvalidURL | OSError | ValueError):
        log.error("webhook_sender_failed", kind=type(error).__name__)
    return Outcome.NOT_CONNECTED


def _is_about_trust(error: BaseException | None) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
