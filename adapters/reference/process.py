"""Running a desk as a process: arguments, commands on stdin, answers on stdout, talk on stderr."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from adapters.reference.case_list import CaseList
from adapters.reference.channel import ByWebhook, Channel, Feeding, OverNats, opened
from adapters.reference.desk import Desk
from adapters.reference.draft import Verb
from adapters.reference.shifted_clock import ShiftedClock
from adapters.sdk import Bookmark, Credentials, EncryptionKey, HubClient, HubError, Outbox, Sender, UnusableKey

_CHUNK = 65_536
_FAILED = 1
_WRONG_USAGE = 2

_WORDS = {Feeding: "on the feed", OverNats: "over NATS", ByWebhook: "by webhook"}

_log = logging.getLogger(__name__)


def main(kind: str, verbs: Mapping[str, Verb], arguments: list[str] | None = None) -> int:
    """Run the reference system of one kind of agency; return its exit code (0 done, 1 failed, 2 wrong usage)."""
    parser = argparse.ArgumentParser(
        prog=f"python -m adapters.{kind}",
        description="A reference agency system. Takes commands as JSON lines on stdin and answers on stdout.",
        epilog=f"Commands of this kind of agency: {', '.join(verbs) or 'none beyond the common ones'}. "
        "Common: publish, acknowledge, told, cases, stop.",
    )
    parser.add_argument("--hub", required=True, help="base URL of the hub")
    parser.add_argument("--agency", required=True, help="the agency's id at the hub")
    parser.add_argument("--key", required=True, type=Path, help="private key file, PEM or JWK")
    parser.add_argument("--state", required=True, type=Path, help="directory for outbox, bookmark and case list")
    parser.add_argument("--clock", type=Path, help="file with seconds to add to the time of events")
    parser.add_argument(
        "--channel",
        choices=["feed", "nats", "webhook"],
        default="feed",
        help="how messages are received; over NATS events are published too",
    )
    nats = parser.add_argument_group("over NATS")
    nats.add_argument("--nats", metavar="URL", action="append", help="a server's address; repeatable")
    nats.add_argument("--creds", type=Path, help="credentials file that the hub's operator gave")
    nats.add_argument("--nats-ca", type=Path, help="certificates that the servers' own must be signed by")
    nats.add_argument("--encryption-key", type=Path, help="private X25519 or P-256 key file, PEM or JWK")
    parser.add_argument("--webhook-port", type=int, default=0, help="port on this machine that the hub sends to")
    options = parser.parse_args(arguments)
    if options.channel == "nats" and not (options.nats and options.creds and options.encryption_key):
        parser.error("--channel nats needs --nats, --creds and --encryption-key")
    # Warnings of our own only: a library's request log would hold URLs.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=f"{options.agency}: %(message)s")
    logging.getLogger("adapters").setLevel(logging.INFO)
    try:
        client = HubClient(options.hub, Credentials.load(options.agency, options.key))
        channel = _channel(options)
    except (UnusableKey, OSError) as error:
        _log.error("no usable key: %s", error if isinstance(error, UnusableKey) else type(error).__name__)
        return _WRONG_USAGE
    except ValueError as error:
        _log.error("%s", error)
        return _WRONG_USAGE
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        asyncio.run(_work(client, options.state, verbs, ShiftedClock(options.clock), channel))
    except HubError as error:
        _log.error("stopped: %s", error)
        return _FAILED
    except BrokenPipeError:
        # Whoever read our answers has gone; the interpreter must not try to tell them more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except OSError as error:
        _log.error("stopped: a file or port cannot be used (%s)", error.strerror)
        return _FAILED
    return 0


def _channel(options: argparse.Namespace) -> Channel:
    if options.channel == "nats":
        from adapters.sdk.nats_client import NatsPlace  # noqa: PLC0415 (the other channels do not wait for it)

        place = NatsPlace(tuple(options.nats), options.creds, options.nats_ca)
        return OverNats(place, EncryptionKey.load(options.encryption_key))
    return ByWebhook(options.webhook_port) if options.channel == "webhook" else Feeding()


async def _work(
    client: HubClient, state: Path, verbs: Mapping[str, Verb], clock: ShiftedClock, channel: Channel
) -> None:
    with (
        Outbox.open(state / "outbox.sqlite") as outbox,
        Bookmark.open(state / "bookmark.sqlite") as bookmark,
        CaseList.open(state / "cases.sqlite") as cases,
    ):
        async with client, opened(channel, client, bookmark) as (publishes, arriving):
            lines = _Lines()
            desk = Desk(client=client, outbox=outbox, cases=cases, state=state, verbs=verbs, clock=clock, say=_say)
            _log.info("at work, %s", _WORDS[type(channel)])
            await desk.run(Sender(outbox, publishes), arriving, lines)
            _log.info("done")


class _Lines:
    """The lines of stdin, until its end, SIGTERM or SIGINT.

    A thread reads the descriptor itself: asyncio cannot wait on a redirected file, and a thread inside sys.stdin would
    hold its lock while the interpreter shuts down.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        for end in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(end, self._queue.put_nowait, None)
        threading.Thread(target=self._read, daemon=True).start()

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self._queue.get()) is not None:
            yield line

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(0, _CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                self._put(line.decode(errors="replace"))
        if rest:
            self._put(rest.decode(errors="replace"))
        self._put(None)

    def _put(self, line: str | None) -> None:
        # After the end of the loop nobody reads any more.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, line)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
