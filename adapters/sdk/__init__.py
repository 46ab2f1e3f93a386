"""What an agency's system needs to take part: publish, receive, prove.

    async with HubClient("https://hub.northmere.example", Credentials.load("harbour-house", key_file)) as client:
        receipt = await client.publish(compose("harbour-house", "concordat.episode.opened.v1", data, time=now,
                                               subject=f"episode/{new_id()}"))

`adapters.sdk.nats_client` is the same over NATS; `adapters.sdk.testing` is a hub in memory for an agency's own tests.
"""

from adapters.sdk.bookmark import Bookmark
from adapters.sdk.client import HubClient, Inbox
from adapters.sdk.clock import Clock, SystemClock
from adapters.sdk.compose import compose, new_id
from adapters.sdk.credentials import Credentials
from adapters.sdk.encryption_key import EncryptionKey
from adapters.sdk.feed import Feed
from adapters.sdk.message import Message
from adapters.sdk.outbox import IdTaken, Outbox, Outcome, Waiting
from adapters.sdk.position import MissingNumbers, Position, missing_numbers
from adapters.sdk.private_key import UnusableKey
from adapters.sdk.problem import AccessRefused, HubError, Problem, UnexpectedAnswer, Unreachable
from adapters.sdk.retry import Backoff
from adapters.sdk.sender import Publishes, Sender
from adapters.sdk.verify import Evidence, ProvedDisclosure, check_receipt, gather_evidence, prove
from adapters.sdk.webhook import WebhookRefused, verify_webhook

__all__ = [
    "AccessRefused",
    "Backoff",
    "Bookmark",
    "Clock",
    "Credentials",
    "EncryptionKey",
    "Evidence",
    "Feed",
    "HubClient",
    "HubError",
    "IdTaken",
    "Inbox",
    "Message",
    "MissingNumbers",
    "Outbox",
    "Outcome",
    "Position",
    "Problem",
    "ProvedDisclosure",
    "Publishes",
    "Sender",
    "SystemClock",
    "UnexpectedAnswer",
    "Unreachable",
    "UnusableKey",
    "Waiting",
    "WebhookRefused",
    "check_receipt",
    "compose",
    "gather_evidence",
    "missing_numbers",
    "new_id",
    "prove",
    "verify_webhook",
]
