"""Agencies join the hub, change their keys, and leave. An agency that has left stays resolvable."""

from broker.flows.draft import Draft
from contracts.agency import Agency


class AlreadyEnrolled(Exception):
    """An agency of this id is registered already."""


def enrol(draft: Draft, agency: Agency) -> None:
    """Register an agency; AlreadyEnrolled if its id is taken."""
    known = next((one for one in draft.agencies() if one.id == agency.id), None)
    if known == agency:
        return  # The step was run before, and its answer was lost.
    if known is not None:
        raise AlreadyEnrolled
    draft.put_agency(agency)


def amend(draft: Draft, agency: Agency) -> None:
    """Replace what is registered of an agency: its keys, its scopes, whether it is active. LookupError if unknown."""
    if all(known.id != agency.id for known in draft.agencies()):
        raise LookupError("no agency of this id is registered")
    draft.put_agency(agency)
