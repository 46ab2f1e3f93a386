"""A child as agencies know them. Nothing here is required: what is not known never blocks a report."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.fields import leaf
from contracts.values import Closed, Day, NhsNumber, PersonName, PncId, Upn
from contracts.vocabulary import BirthDateStatus


class ChildIdentity(Closed):
    """Who the child is. Name and date of birth only ever suggest, to a person, that two records are of one child."""

    name: PersonName | None = leaf(Category.IDENTITY, "Full name.", default=None)
    known_as: PersonName | None = leaf(Category.IDENTITY, "Name the child answers to.", default=None)
    birth_date: Day | None = leaf(Category.IDENTITY, "Date of birth.", default=None)
    birth_date_status: Coded[BirthDateStatus] | None = leaf(
        Category.IDENTITY, "Whether the date of birth is confirmed, claimed or disputed.", default=None
    )
    nhs_number: NhsNumber | None = leaf(Category.IDENTITY, "NHS number, if known.", default=None)
    upn: Upn | None = leaf(Category.IDENTITY, "Unique pupil number, if known.", default=None)
    pnc_id: PncId | None = leaf(Category.CRIMINAL_JUSTICE, "Police National Computer id, if known.", default=None)
