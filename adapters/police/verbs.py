"""What a police force says of an episode. Every verb names the `episode`."""

from datetime import timedelta

from adapters.police.words import GRADES, RESULTS
from adapters.reference import Draft, NotUnderstood, Request
from adapters.reference.draft import account, coded, place, present
from contracts.envelope import rfc3339

SCHEME = "College of Policing APP, missing persons"


def raise_risk(request: Request) -> Draft:
    """The risk has been assessed anew, up or down: `grade`, `because`, `factors`, `level`."""
    grade = coded(GRADES, request.text("grade"))
    known = request.cases.latest(request.episode(), "concordat.episode.opened.v1") or {}
    data = present(
        risk=present(
            level=grade,
            previous=(known.get("risk") or {}).get("level"),
            scheme=SCHEME,
            assessed_at=request.moment(),
            rationale=account(request.optional("because")),
            factors=account(request.optional("factors")),
        ),
        intervention_level=request.optional("level"),
    )
    return Draft("concordat.risk.changed.v1", data, request.episode())


def offer_handover(request: Request) -> Draft:
    """Another force is asked to take over: `to`, `because`, `within_hours` for its answer."""
    hours = request.optional("within_hours")
    if hours is not None and not isinstance(hours, int | float):
        raise NotUnderstood("'within_hours' is a number")
    data = present(
        to=request.text("to"),
        reason=account(request.optional("because")),
        expires_at=None if hours is None else rfc3339(request.now + timedelta(hours=hours)),
    )
    return Draft("concordat.handover.offered.v1", data, request.episode())


def accept_handover(request: Request) -> Draft:
    """We take the episode over: `our_reference`, `note`."""
    data = present(force_reference=request.optional("our_reference"), note=account(request.optional("note")))
    return Draft("concordat.handover.accepted.v1", data, request.episode())


def decline_handover(request: Request) -> Draft:
    """We do not take it: `because`."""
    if request.optional("because") is None:
        raise NotUnderstood("this command needs 'because': the offering force must know why")
    return Draft("concordat.handover.declined.v1", {"reason": account(request.optional("because"))}, request.episode())


def child_located(request: Request) -> Draft:
    """The child is found: `at`, `by`, `area`, `where`, `condition`, `with`."""
    data = present(
        located_at=request.moment(),
        found_by=request.optional("by"),
        area=request.optional("area"),
        place=place(request.optional("where")),
        condition=account(request.optional("condition")),
        found_with=account(request.optional("with")),
    )
    return Draft("concordat.child.located.v1", data, request.episode())


def wellbeing_confirmed(request: Request) -> Draft:
    """The child was seen and spoken to: `at`, `by`, `in_person`, `concerns`."""
    data = present(
        confirmed_at=request.moment(),
        confirmed_by=request.optional("by"),
        seen_in_person=request.optional("in_person"),
        concerns=account(request.optional("concerns")),
    )
    return Draft("concordat.wellbeing.confirmed.v1", data, request.episode())


def close(request: Request) -> Draft:
    """The search is over: `result`, `at`, `outcome`."""
    data = present(
        closed_at=request.moment(),
        reason=coded(RESULTS, request.text("result")),
        outcome=account(request.optional("outcome")),
    )
    return Draft("concordat.episode.closed.v1", data, request.episode())


VERBS = {
    "raise_risk": raise_risk,
    "offer_handover": offer_handover,
    "accept_handover": accept_handover,
    "decline_handover": decline_handover,
    "child_located": child_located,
    "wellbeing_confirmed": wellbeing_confirmed,
    "close": close,
}
