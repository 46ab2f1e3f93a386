"""What would happen if this event were published: checks and decides, and keeps nothing but that it was asked."""

from broker.flows.check import Incoming
from broker.flows.consult import Caller, consult
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.flows.publish import publish
from contracts.disclosure import Receipt


def preview(draft: Draft, publisher: str, incoming: Incoming, parts: Parts) -> Receipt:
    """Return the receipt that publishing would give now. Its ids lead nowhere. Raises what publishing would raise."""
    receipt = publish(Draft(draft), publisher, incoming, parts).receipt
    consult(draft, Caller(publisher, frozenset({"publish"})), f"preview/{receipt.subject}", parts)
    return receipt
