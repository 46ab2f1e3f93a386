"""The child has become an adult: what was shared to safeguard a child has another footing from here."""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData
from contracts.fields import leaf
from contracts.values import Day
from contracts.vocabulary import BirthDateStatus, Stage


class SubjectTurned18(EventData):
    """`concordat.subject.turned_18.v1`"""

    turned_18_on: Day = leaf(Category.IDENTITY, "The day on which the child became 18.")
    birth_date_status: Coded[BirthDateStatus] | None = leaf(
        Category.IDENTITY, "How far the date of birth that this rests on can be relied on.", default=None
    )


CONTRACTS = (
    Contract(
        type="concordat.subject.turned_18.v1",
        data=SubjectTurned18,
        purpose="The child is 18: no interview falls due for a later return, and sharing has another footing.",
        stage=Stage.AFTERCARE,
        publishers=ANYONE,
        either_subject=True,
        derived=True,
        ring=False,
    ),
)
