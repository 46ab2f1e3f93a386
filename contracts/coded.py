"""A code of the contract's list, or the sender's own text where no code is known for it.

An agency's word that has no code is never guessed: `{"unmapped": "the word as it stood"}` stands in the code's place,
and so is a value of that field and of no other. A protocol decides on it as on the code: the same path, the same
categories, the same limits. The hub's casework reads it as not known.
"""

from typing import Annotated, TypeVar

from pydantic import Discriminator, Field, Tag

from contracts.values import Closed

MAX_UNMAPPED = 100
"""Characters of a text that stands for a code; what is longer is an account, and belongs where accounts do."""
TAGS = ("[code]", "[unmapped]")
"""How pydantic is told the two apart. No member of a contract has such a name."""

T = TypeVar("T")


class Unmapped(Closed):
    """What the sender's own system says, where the contract's list has no code for it that is known."""

    unmapped: str = Field(
        min_length=1, max_length=MAX_UNMAPPED, description="The original text, as it stood in the sender's system."
    )


def _tag(value: object) -> str:
    return TAGS[isinstance(value, dict | Unmapped)]


Coded = Annotated[Annotated[T, Tag(TAGS[0])] | Annotated[Unmapped, Tag(TAGS[1])], Discriminator(_tag)]
"""`Coded[RiskLevel]` is a field that takes a code of the list or an `Unmapped`."""


def known(code: T | Unmapped | None) -> T | None:
    """Return the code, or None if there is none or only a text that stands for one: it is never guessed."""
    return None if isinstance(code, Unmapped) else code
