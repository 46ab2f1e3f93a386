"""What an agency does with its webhooks: make, change, remove, rotate, send again, recover.

Each works on a unit of its own, under the writers' lock. An agency sees and touches its own endpoints only: of
another's it learns no more than of one that does not exist.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from broker.delivery.order import State
from broker.delivery.signature import Keys
from broker.delivery.subscription import Order, Subscription, matches
from broker.flows.mailbox import start_after
from broker.flows.parts import Parts
from broker.flows.queue import release
from broker.ports.outgoing import Outgoing
from broker.ports.records import Position
from broker.ports.store import Unit, View
from broker.ports.webhooks import Attempt, Endpoint, Queued, SwitchedOff
from contracts.catalogue import CATALOGUE

MOST_ENDPOINTS = 20
"""Endpoints of one agency: enough for every system that it runs and its tests."""
ROTATION = timedelta(hours=24)
"""How long messages are signed with the former keys too."""


class NoSuchEndpoint(LookupError):
    """This agency has no such endpoint, attempt or message."""


class TooManyEndpoints(Exception):
    """The agency has as many endpoints as it may have."""


class NothingToResend(Exception):
    """The attempt was a test, or its message is no longer kept."""


@dataclass(frozen=True)
class Change:
    """What an agency wants changed of an endpoint; None leaves a thing as it is."""

    url: str | None = None
    subscription: Subscription | None = None
    enabled: bool | None = None


def own_endpoint(view: View, agency: str, endpoint_id: str) -> Endpoint:
    """Return an agency's endpoint; NoSuchEndpoint if it has none of this id."""
    endpoint = view.endpoint(endpoint_id)
    if endpoint is None or endpoint.agency != agency:
        raise NoSuchEndpoint
    return endpoint


def unknown_types(types: tuple[str, ...]) -> tuple[int, ...]:
    """Return which of the types, by their places, no message will ever be of: such an endpoint would stay silent."""
    return tuple(at for at, one in enumerate(types) if not any(matches(one, event_type) for event_type in CATALOGUE))


def create(
    unit: Unit, endpoint_id: str, agency: str, url: str, subscription: Subscription, parts: Parts, outgoing: Outgoing
) -> Endpoint:
    """Make an endpoint, which gets what is put into the mailbox from now on.

    Raises TargetRefused for an address that could never be sent to, and TooManyEndpoints.
    """
    outgoing.check(url)
    if len(unit.endpoints(agency)) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    mailbox = unit.mailbox(agency)
    endpoint = Endpoint(
        id=endpoint_id,
        agency=agency,
        url=url,
        subscription=subscription,
        keys=Keys.make(parts.random_bytes),
        created_at=parts.clock.now(),
        cursor=Position(mailbox.generation, mailbox.top),
    )
    unit.put_endpoint(endpoint)
    return endpoint


def change(unit: Unit, agency: str, endpoint_id: str, asked: Change, parts: Parts, outgoing: Outgoing) -> Endpoint:
    """Change an endpoint; NoSuchEndpoint, TargetRefused. What came while it was switched off is sent when it is on."""
    endpoint = own_endpoint(unit, agency, endpoint_id)
    if asked.url is not None:
        outgoing.check(asked.url)
        endpoint = replace(endpoint, url=asked.url, failing_since=None)
    if asked.subscription is not None:
        if asked.subscription.order is Order.NONE:
            unit.release_all(endpoint_id)
        endpoint = replace(endpoint, subscription=asked.subscription)
    if asked.enabled is True:
        endpoint = replace(endpoint, switched_off=None, switched_off_at=None, failing_since=None)
    elif asked.enabled is False and endpoint.switched_off is None:
        endpoint = replace(endpoint, switched_off=SwitchedOff.BY_AGENCY, switched_off_at=parts.clock.now())
    unit.put_endpoint(endpoint)
    return endpoint


def remove(unit: Unit, agency: str, endpoint_id: str) -> None:
    """Forget an endpoint, its keys, and what was attempted; NoSuchEndpoint. The mailbox itself is untouched."""
    own_endpoint(unit, agency, endpoint_id)
    unit.remove_endpoint(endpoint_id)


def rotate(unit: Unit, agency: str, endpoint_id: str, parts: Parts) -> Endpoint:
    """Give an endpoint new keys; for a day the former ones sign too. NoSuchEndpoint.

    Only the last former keys are kept: rotating twice ends what has leaked at once.
    """
    endpoint = own_endpoint(unit, agency, endpoint_id)
    rotated = replace(
        endpoint,
        keys=Keys.make(parts.random_bytes),
        former_keys=endpoint.keys,
        former_until=parts.clock.now() + ROTATION,
    )
    unit.put_endpoint(rotated)
    return rotated


def resend(unit: Unit, agency: str, endpoint_id: str, attempt_id: str, parts: Parts) -> Queued:
    """Send the message of an attempt again, whether or not it arrived, under the id that it has.

    It holds nothing back: other messages do not wait for it. Raises NoSuchEndpoint, NothingToResend.
    """
    own_endpoint(unit, agency, endpoint_id)
    attempt = unit.attempt(endpoint_id, attempt_id)
    if attempt is None:
        raise NoSuchEndpoint
    queued = None if attempt.position is None else unit.queued(endpoint_id, attempt.position)
    if queued is None:
        raise NothingToResend
    again = replace(queued, state=State.WAITING, due_at=parts.clock.now(), tries=0, stepped_over=True)
    unit.put_queued([again])
    release(unit, endpoint_id, again.lane)
    return again


def recover(unit: Unit, agency: str, endpoint_id: str, after: Position, parts: Parts) -> Position:
    """Send everything after a place in the mailbox that the endpoint wants and has not got; return that place.

    A place that is no longer kept, or of an earlier generation, counts as the first that is. What has arrived is not
    sent again. Raises NoSuchEndpoint.
    """
    endpoint = own_endpoint(unit, agency, endpoint_id)
    start = start_after(unit.mailbox(agency), after)
    unit.requeue(endpoint_id, start, parts.clock.now())
    if endpoint.subscription.order is Order.NONE:
        unit.release_all(endpoint_id)
    if (start.generation, start.number) < (endpoint.cursor.generation, endpoint.cursor.number):
        unit.move_cursor(endpoint_id, start)
    return start


def attempts(view: View, agency: str, endpoint_id: str, before: str | None, limit: int) -> tuple[Attempt, ...]:
    """Return attempts, newest first; NoSuchEndpoint."""
    own_endpoint(view, agency, endpoint_id)
    return view.attempts(endpoint_id, before, limit)
