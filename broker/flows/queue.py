"""From the mailbox to an endpoint's queue, and from an attempt to what follows. Each in one unit, safe to repeat."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from broker.delivery.order import State, is_stepped_over, to_release
from broker.delivery.schedule import Delivered, GivenUp, Outcome, TryAgain, decide
from broker.delivery.subscription import Order
from broker.flows.mailbox import start_after
from broker.ports.store import Unit
from broker.ports.webhooks import Attempt, Endpoint, Queued, SwitchedOff

AT_ONCE = 100
"""Places of a mailbox looked at in one unit: the writers' lock is held for milliseconds."""

log = structlog.get_logger("concordat.webhooks")


@dataclass(frozen=True)
class Ended:
    """An attempt to send a queued message has ended."""

    queued: Queued
    attempt: Attempt


def enqueue(unit: Unit, endpoint_id: str, now: datetime) -> None:
    """Queue the next messages of the mailbox.

    The cursor moves in the same transaction as the queue, over what was read and nothing else: so every message that
    the endpoint wants is queued once, whoever stops when.
    """
    endpoint = unit.endpoint(endpoint_id)
    if endpoint is None or endpoint.switched_off is not None:
        return
    start = start_after(unit.mailbox(endpoint.agency), endpoint.cursor)
    places = unit.mail_places(endpoint.agency, start, AT_ONCE)
    if not places:
        return
    for place in places:
        if not endpoint.subscription.wants(place.type):
            continue
        in_order = endpoint.subscription.order is Order.EPISODE
        held = in_order and bool(unit.lane(endpoint_id, place.subject, 1))
        state = State.HELD if held else State.WAITING
        unit.add_queued(
            [Queued(endpoint_id, place.generation, place.number, place.disclosure, place.subject, state, now)]
        )
    unit.move_cursor(endpoint_id, places[-1].position)


def settle(unit: Unit, ended: Ended, now: datetime, jitter: float) -> None:
    """Record an attempt and what follows from it: for the message, for those behind it, and for the endpoint."""
    endpoint, queued = unit.endpoint(ended.queued.endpoint), _current(unit, ended.queued)
    if endpoint is None or queued is None:
        return  # Removed while it was under way.
    unit.add_attempts([ended.attempt])
    _note_health(unit, endpoint, ended.attempt)
    if queued.state.is_finished:
        return  # Another replica took it over and was done first.
    tries = queued.tries + 1
    match decide(ended.attempt.outcome, tries, now, jitter):
        case Delivered():
            after = replace(queued, state=State.DELIVERED, due_at=now, tries=tries)
        case GivenUp():
            after = replace(queued, state=State.GIVEN_UP, due_at=now, tries=tries)
            log.warning("webhook_given_up", endpoint=endpoint.id, agency=endpoint.agency)
        case TryAgain(at, switch_off):
            stepped_over = queued.stepped_over or is_stepped_over(tries)
            # An endpoint that is gone has refused itself, not this message: its schedule stands still.
            after = replace(queued, due_at=at, tries=queued.tries if switch_off else tries, stepped_over=stepped_over)
            if switch_off and endpoint.switched_off is None:
                since = endpoint.failing_since or ended.attempt.at
                unit.put_endpoint(
                    replace(endpoint, switched_off=SwitchedOff.GONE, switched_off_at=now, failing_since=since)
                )
                log.warning("webhook_endpoint_gone", endpoint=endpoint.id, agency=endpoint.agency)
    unit.put_queued([after])
    release(unit, endpoint.id, queued.lane)


def release(unit: Unit, endpoint_id: str, lane: str) -> None:
    """Let the first message of a lane go, if those before it have finished or have been stepped over."""
    unit.put_queued([replace(one, state=State.WAITING) for one in to_release(unit.lane(endpoint_id, lane, 1))])


def abandon(unit: Unit, gone: Queued, now: datetime) -> None:
    """Give up a message that is no longer kept in the mailbox, and let those behind it go."""
    queued = _current(unit, gone)
    if queued is None or queued.state.is_finished:
        return
    unit.put_queued([replace(queued, state=State.GIVEN_UP, due_at=now)])
    release(unit, queued.endpoint, queued.lane)


def _current(unit: Unit, queued: Queued) -> Queued | None:
    return unit.queued(queued.endpoint, queued.position)


def _note_health(unit: Unit, endpoint: Endpoint, attempt: Attempt) -> None:
    if attempt.outcome is Outcome.DELIVERED:
        if endpoint.failing_since is not None:
            unit.mark_failing(endpoint.id, None)
    elif endpoint.failing_since is None:
        unit.mark_failing(endpoint.id, attempt.at)
