"""Data categories: what kind of information a field holds, which is what a protocol's clauses speak of."""

from enum import StrEnum


class Category(StrEnum):
    """One kind of information. A field has at least one; a narrative has every one that it contains."""

    IDENTITY = "identity"
    """Who the child is and what they look like."""
    CONTACT = "contact"
    """How to reach a person: name of a reporter, telephone, e-mail."""
    LOCATION = "location"
    """Where somebody is, was, or may be."""
    HEALTH = "health"
    """Physical and mental health, injuries, medication (UK GDPR Art 9)."""
    CRIMINAL_JUSTICE = "criminal_justice"
    """Offences, suspicion, exploitation (UK GDPR Art 10)."""
    THIRD_PARTY = "third_party"
    """Anybody other than the child and the professionals who act for them."""
    NARRATIVE = "narrative"
    """A safeguarding account in a person's own words."""
    OPERATIONAL = "operational"
    """What agencies need to act: times, levels, who is involved, references."""
    PROTECTED_WHEREABOUTS = "protected_whereabouts"
    """Anything from which the place of a flagged child or carer could be inferred. Added at decision time."""


EVERY_CATEGORY = frozenset(Category)


class Whose(StrEnum):
    """Whose personal data a field is: an access request must tell third parties' data apart (UK GDPR Art 15(4))."""

    CHILD = "child"
    """The child's own, or about their case."""
    THIRD_PARTY = "third_party"
    """Somebody else's who does not act in a professional part: family, friends, associates, other children."""
    PROFESSIONAL = "professional"
    """A person's who acts in their post: whom to ring, who recorded, who assessed."""


WHOSE_BY_CATEGORY = {Category.THIRD_PARTY: Whose.THIRD_PARTY, Category.CONTACT: Whose.PROFESSIONAL}
"""Whose a field is unless its contract says otherwise; a field of any other category is the child's."""
