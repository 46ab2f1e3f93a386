"""Whose return home interview it is: the responsible authority's duty, and who holds it out of area."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.fields import leaf
from contracts.values import AgencyId, Closed, Code, Instant
from contracts.vocabulary import Role

INTERVIEWERS = frozenset({Role.RESPONSIBLE_AUTHORITY, Role.HOST_AUTHORITY, Role.INTERVIEW_PROVIDER})


class InterviewDuty(Closed):
    """Who must see to the interview. The duty is the responsible authority's until another has agreed to hold it.

    Source: DfE, Statutory guidance on children who run away or go missing from home or care (2014), which asks the
    responsible authority to see to it that the interview is held wherever the child is placed.
    """

    responsible_authority: AgencyId | None = leaf(
        Category.OPERATIONAL, "The authority that is responsible for the child.", default=None, whereabouts=True
    )
    host_authority: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "The authority in whose area the child lives, if it is another.",
        default=None,
        whereabouts=True,
    )
    owner: AgencyId = leaf(Category.OPERATIONAL, "The one agency that must see to the interview.", whereabouts=True)
    basis: Coded[Code] | None = leaf(
        Category.OPERATIONAL,
        "Why it is that agency.",
        default=None,
        whereabouts=True,
        vocabulary="interview_owner_basis",
    )
    agreed_at: Instant | None = leaf(Category.OPERATIONAL, "When the agencies agreed on it.", default=None)
