"""A referral to the National Referral Mechanism, for which a child's consent is not needed.

Source: Home Office, Modern slavery: statutory guidance, under Modern Slavery Act 2015 s.49; duty to notify, s.52.
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, Code, Instant, Narrative, Reference
from contracts.vocabulary import Role, Stage


class NrmReferred(EventData):
    """`concordat.nrm.referred.v1`"""

    referred_at: Instant = leaf(Category.OPERATIONAL, "When the referral was made.")
    first_responder: AgencyId | None = leaf(
        Category.OPERATIONAL, "The first responder organisation that made it.", default=None, whereabouts=True
    )
    reference: Reference | None = leaf(Category.CRIMINAL_JUSTICE, "Reference that the mechanism gave.", default=None)
    exploitation_kinds: tuple[Coded[Code], ...] = leaf(
        Category.CRIMINAL_JUSTICE,
        "Kinds of exploitation that there are signs of.",
        default=(),
        max_length=20,
        vocabulary="exploitation",
    )
    indicators: Narrative | None = leaf(
        Category.CRIMINAL_JUSTICE, "The signs that it rests on.", default=None, whereabouts=True
    )
    persons: Narrative | None = leaf(
        Category.THIRD_PARTY, "Who is suspected, and other victims.", default=None, whereabouts=True
    )
    places: Narrative | None = leaf(
        Category.LOCATION, "Where the child was exploited or held.", default=None, whereabouts=True
    )
    safe_where_they_are: bool | None = leaf(
        Category.OPERATIONAL, "Whether the child is thought safe where they live.", default=None
    )
    guardian: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "The service that provides the child's trafficking guardian.",
        default=None,
        whereabouts=True,
    )
    crime_reference: Reference | None = leaf(
        Category.CRIMINAL_JUSTICE, "Police reference of the crime.", default=None, whereabouts=True
    )
    contact: Person | None = group("Whom to speak to about it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.nrm.referred.v1",
        data=NrmReferred,
        purpose="A first responder has referred the child as a possible victim of trafficking or modern slavery.",
        stage=Stage.AFTERCARE,
        publishers=Publishers(
            SEARCHERS | AUTHORITIES | {Role.CHARITY, Role.TRAFFICKING_GUARDIAN, Role.HOME_OFFICE}, confirmed=True
        ),
        ring=False,
    ),
)
