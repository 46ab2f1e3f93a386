"""A legal power was used to protect or recover the child.

Sources: Children Act 1989 s.46 (police protection, 72 hours at most; the authority must be told), s.44 (emergency
protection order), s.50 (recovery order); Child Abduction Act 1984 s.2 (abduction by other persons, on which warning
notices rest).
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import AUTHORITIES, SEARCHERS, Contract, EventData, Person, Publishers
from contracts.fields import group, leaf
from contracts.values import AgencyId, AreaCode, Code, Instant, Narrative, Place, Reference, ShortText, Span
from contracts.vocabulary import Stage


class LegalPowerUsed(EventData):
    """`concordat.legal_power.used.v1`"""

    power: Coded[Code] = leaf(Category.OPERATIONAL, "Which power.", whereabouts=True, vocabulary="legal_power")
    used_at: Instant = leaf(Category.OPERATIONAL, "When it was used or granted, at the best estimate.")
    used_between: Span | None = leaf(Category.OPERATIONAL, "Between when it was used.", default=None)
    ends_at: Instant | None = leaf(Category.OPERATIONAL, "When it ends.", default=None)
    used_by: AgencyId | None = leaf(
        Category.OPERATIONAL, "The force or authority that used it.", default=None, whereabouts=True
    )
    officer: Person | None = group("The officer who used it, or whom to speak to.", default=None)
    designated_officer: Person | None = group(
        "Of police protection: the designated officer who looks into the case (s.46(3)(e)).", default=None
    )
    authority_told: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "Of police protection: the authority in whose area the child was found, which was told (s.46(3)(a)).",
        default=None,
        whereabouts=True,
    )
    home_authority_told: AgencyId | None = leaf(
        Category.OPERATIONAL,
        "Of police protection: the authority in whose area the child lives, which was told (s.46(3)(b)).",
        default=None,
        whereabouts=True,
    )
    court: ShortText | None = leaf(
        Category.CRIMINAL_JUSTICE, "The court that made the order.", default=None, whereabouts=True
    )
    reference: Reference | None = leaf(
        Category.CRIMINAL_JUSTICE, "Reference of the order, notice or alert.", default=None, whereabouts=True
    )
    against: Narrative | None = leaf(
        Category.THIRD_PARTY, "The person who was warned, or against whom the order is.", default=None, whereabouts=True
    )
    area: AreaCode | None = leaf(
        Category.LOCATION, "ONS GSS code of the area in which it was used.", default=None, whereabouts=True
    )
    place: Place | None = leaf(
        Category.LOCATION, "Where the child was, or is kept safe.", default=None, whereabouts=True
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "Why it was needed.", default=None, whereabouts=True)
    childs_voice: Narrative | None = leaf(
        Category.NARRATIVE, "What the child wishes and feels, as theirs (s.46(3)(d)).", default=None, whereabouts=True
    )


CONTRACTS = (
    Contract(
        type="concordat.legal_power.used.v1",
        data=LegalPowerUsed,
        purpose="A power was used to keep the child safe, to bring them back or to warn somebody off.",
        stage=Stage.RETURNING,
        publishers=Publishers(SEARCHERS | AUTHORITIES, confirmed=True),
    ),
)
