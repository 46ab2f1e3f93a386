"""The person who answers for a decision, where the law or the hub asks for a name."""

from contracts.categories import Category, Whose
from contracts.fields import leaf
from contracts.values import Closed, PersonName, ShortText


class Signatory(Closed):
    """A named person in their post. Both are needed: a post alone signs nothing."""

    name: PersonName = leaf(Category.CONTACT, "Name of the person.")
    post: ShortText = leaf(Category.CONTACT, "Their post.", whereabouts=True, whose=Whose.PROFESSIONAL)
