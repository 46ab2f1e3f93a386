"""What a council says."""

from adapters.council.words import INTERVIEW, PARTS, PLACEMENTS
from adapters.reference import Draft, NotUnderstood, Request
from adapters.reference.draft import account, coded, involved, place, present

CHILD = "child"


def notify_placement(request: Request) -> Draft:
    """A child is placed: `child` {reference, name, born, nhs}, `placement` {began, type, area, address}, `involved`
    [{agency, as}], `protected`.

    The hub gives a handle for the child with the first record; later ones of the same reference go under it.
    """
    child, placement = request.group("child"), request.group("placement")
    reference = child.get("reference")
    if not isinstance(reference, str) or not reference:
        raise NotUnderstood("'child' needs our own 'reference'")
    data = present(
        child=present(
            local_reference=reference,
            name=child.get("name"),
            birth_date=child.get("born"),
            nhs_number=child.get("nhs"),
        ),
        placement=present(
            began_at=placement.get("began") or request.moment(),
            code=coded(PLACEMENTS, placement.get("type")),
            area=placement.get("area"),
            address=place(placement.get("address")),
        ),
        protected_whereabouts=request.optional("protected"),
    )
    data["involved"] = involved(request.items("involved"), PARTS)
    return Draft(
        "concordat.placement.notified.v1",
        data,
        request.cases.linked(CHILD, reference),
        remember_subject_as=(CHILD, reference),
    )


def confirm_involvement(request: Request) -> Draft:
    """We confirm who is involved in the `episode`, so that they may be told: `involved` [{agency, as}]."""
    data = {"involved": involved(request.items("involved"), PARTS)}
    return Draft("concordat.involvement.confirmed.v1", data, request.episode())


def interview_completed(request: Request) -> Draft:
    """The return home interview was held: `episode`, `at`, `interviewer`, `independent`, `may_read` and the form's
    headings (`INTERVIEW`).
    """
    data = present(
        completed_at=request.moment(),
        interviewer=request.optional("interviewer"),
        independent=request.optional("independent"),
        share_view=account(request.optional("may_read")),
        **{field: account(request.optional(heading)) for heading, field in INTERVIEW.items()},
    )
    return Draft("concordat.rhi.completed.v1", data, request.episode())


VERBS = {
    "notify_placement": notify_placement,
    "confirm_involvement": confirm_involvement,
    "interview_completed": interview_completed,
}
