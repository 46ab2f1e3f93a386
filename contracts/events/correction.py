"""What was said is put right: corrected, recalled from those who were told, erased.

Source: UK GDPR Art 16, 17 and 19, and DPA 2018 s.46 to 48: every recipient is told of a rectification or erasure.
"""

from contracts.categories import Category
from contracts.coded import Coded
from contracts.events.base import ANYONE, Contract, EventData, Person
from contracts.fields import group, leaf
from contracts.values import Closed, Code, EventType, FieldPath, Instant, Narrative, UniqueId
from contracts.vocabulary import Stage


class Correction(Closed):
    """What was wrong with one field. The right value is in the event that replaces the wrong one."""

    field: FieldPath = leaf(Category.OPERATIONAL, "Contract path of the field.")
    kind: Coded[Code] = leaf(Category.OPERATIONAL, "What was wrong with it.", vocabulary="correction_kind")


class RecordCorrected(EventData):
    """`concordat.record.corrected.v1`"""

    event_id: UniqueId = leaf(
        Category.OPERATIONAL, "The publisher's own event that was wrong; others know it by their disclosure of it."
    )
    type: EventType = leaf(Category.OPERATIONAL, "Type of that event.")
    corrected_at: Instant = leaf(Category.OPERATIONAL, "When it was put right.")
    corrections: tuple[Correction, ...] = group("What was wrong.", min_length=1, max_length=100)
    replaced_by: UniqueId | None = leaf(
        Category.OPERATIONAL, "The publisher's own event that says it rightly, published before this one.", default=None
    )
    reason: Narrative | None = leaf(Category.NARRATIVE, "How it was found out.", default=None, whereabouts=True)
    corrected_by: Person | None = group("Who answers for it.", default=None)


class DisclosureRecalled(EventData):
    """`concordat.disclosure.recalled.v1`"""

    disclosure_id: UniqueId = leaf(Category.OPERATIONAL, "The recipient's own disclosure that is recalled.")
    ground: Coded[Code] = leaf(Category.OPERATIONAL, "Why.", vocabulary="recall_ground")
    action: Coded[Code] = leaf(Category.OPERATIONAL, "What the recipient must do with it.", vocabulary="recall_action")
    fields: tuple[FieldPath, ...] = leaf(
        Category.OPERATIONAL,
        "Contract paths of what is recalled; without them, all of it.",
        default=(),
        max_length=200,
    )
    replaced_by: UniqueId | None = leaf(
        Category.OPERATIONAL, "The recipient's disclosure that takes its place.", default=None
    )
    answer_by: Instant | None = leaf(
        Category.OPERATIONAL, "By when the recipient says that it has done so.", default=None
    )


class RecordErased(EventData):
    """`concordat.record.erased.v1`"""

    event_id: UniqueId | None = leaf(
        Category.OPERATIONAL,
        "The publisher's own event that is erased; without it, all that the publisher said of this episode or child.",
        default=None,
    )
    erased_at: Instant = leaf(Category.OPERATIONAL, "When it was decided.")
    ground: Coded[Code] = leaf(Category.OPERATIONAL, "Why.", vocabulary="erasure_ground")
    recipients_delete: bool = leaf(
        Category.OPERATIONAL, "Whether those who were told must delete what they hold of it.", default=True
    )
    erased_by: Person | None = group("Who answers for it.", default=None)


CONTRACTS = (
    Contract(
        type="concordat.record.corrected.v1",
        data=RecordCorrected,
        purpose="The publisher puts right what it said, so that everybody who was told hears of it.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
    ),
    Contract(
        type="concordat.disclosure.recalled.v1",
        data=DisclosureRecalled,
        purpose="The recipient must delete, replace or set aside something that it was told.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
        derived=True,
    ),
    Contract(
        type="concordat.record.erased.v1",
        data=RecordErased,
        purpose="The publisher has erased what it said; the hub forgets it too, unless a legal hold stands.",
        stage=Stage.GOVERNANCE,
        publishers=ANYONE,
        either_subject=True,
    ),
)
