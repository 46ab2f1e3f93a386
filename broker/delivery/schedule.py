"""What follows from an attempt: delivered, try again at a time, or given up.

Source: Standard Webhooks specification 1.0.0, "Deliverability and reliability": the delays of its example schedule,
with jitter that only ever lengthens them, so that the whole takes at least 75 hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause after the first, second … attempt that failed. The first attempt is made at once."""
MOST_ATTEMPTS = len(RETRY_DELAYS) + 1
LARGEST_JITTER = 0.1
"""The part of a pause by which it may be longer, so that what failed together does not return together."""

GONE = 410
"""The endpoint itself says that it wants nothing more (RFC 9110 section 15.5.11)."""


class Outcome(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    """A 2xx answer."""
    REFUSED = "refused"
    """An answer outside 2xx that is neither a redirect nor 410."""
    REDIRECTED = "redirected"
    """A 3xx answer; redirects are not followed."""
    GONE = "gone"
    """410: the endpoint is switched off."""
    TIMED_OUT = "timed_out"
    UNRESOLVED = "unresolved"
    """The name has no address."""
    NOT_ALLOWED = "not_allowed"
    """The name leads to an address to which this hub does not send; nothing was sent."""
    NOT_TRUSTED = "not_trusted"
    """TLS failed, or the certificate is not one for this name."""
    NOT_CONNECTED = "not_connected"
    """No connection, or it broke before an answer."""
    UNREADABLE = "unreadable"
    """The hub could not read its own message; its operator has been told. Nothing was sent."""


def outcome_of(status: int) -> Outcome:
    """Say what an HTTP status means for a delivery."""
    if 200 <= status <= 299:  # noqa: PLR2004 (RFC 9110 section 15.3)
        return Outcome.DELIVERED
    if 300 <= status <= 399:  # noqa: PLR2004 (RFC 9110 section 15.4)
        return Outcome.REDIRECTED
    return Outcome.GONE if status == GONE else Outcome.REFUSED


@dataclass(frozen=True)
class Delivered:
    """It has arrived."""


@dataclass(frozen=True)
class TryAgain:
    """It is to be sent again, not before this moment."""

    at: datetime
    switch_off: bool = False
    """Whether the endpoint asked for nothing more: it is tried again only once the agency has switched it on."""


@dataclass(frozen=True)
class GivenUp:
    """It has been tried for as long as the schedule says. It stays, to be sent when the agency asks."""


Decision = Delivered | TryAgain | GivenUp


def decide(outcome: Outcome, tries: int, now: datetime, jitter: float) -> Decision:
    """Decide what follows from an attempt.

    `tries` counts the attempts of this round, this one included, from 1. `jitter` is from 0 up to 1. ValueError for
    values outside.
    """
    if tries < 1 or not 0 <= jitter <= 1:
        raise ValueError("tries counts from 1, and jitter is from 0 to 1")
    if outcome is Outcome.DELIVERED:
        return Delivered()
    if outcome is Outcome.GONE:
        # Nothing is lost by an endpoint that was taken down by mistake: the message waits for its return.
        return TryAgain(now + RETRY_DELAYS[0], switch_off=True)
    if tries >= MOST_ATTEMPTS:
        return GivenUp()
    pause = RETRY_DELAYS[tries - 1]
    return TryAgain(now + pause * (1 + LARGEST_JITTER * jitter))
