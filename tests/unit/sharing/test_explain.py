"""The two views of a decision."""

from typing import Any

from broker.sharing.explain import auditor_view, recipient_view
from contracts.disclosure import Detail, Operation, Outcome
from tests.unit.sharing.partnership import ask, book, clause, tell

EVENT = {"child": {"name": "Ada Test"}, "last_seen": {"clothing": "red coat"}}
IDS = {"disclosure": "01JD6QK3Z8T0V5W2N4Y6B8C0D1", "episode": "p-7"}


def views(data: dict[str, Any], *clauses: dict[str, Any], **parts: Any) -> tuple[Detail, Detail]:
    decision, redaction = tell(book(*clauses), data, **parts)
    auditor = auditor_view(decision, redaction, **IDS, event_id="e-1", publisher="northmere-police")
    return recipient_view(decision, redaction, **IDS), auditor


def shown(view: Detail) -> dict[str, tuple[str, str | None]]:
    return {field.path: (field.outcome.value, field.reason) for field in view.fields}


def test_the_auditor_sees_all_and_the_recipient_no_trace_of_the_publisher() -> None:
    """Event id, publisher and every field of the event for the auditor; neither id nor publisher for the recipient."""
    recipient, auditor = views(EVENT, clause(permit=[{"fields": ["child.name"]}]))
    assert (auditor.event_id, auditor.publisher, auditor.outcome) == ("e-1", "northmere-police", Operation.DISCLOSED)
    assert shown(auditor) == {"child.name": ("released", None), "last_seen.clothing": ("withheld", "no_permit")}
    assert (recipient.event_id, recipient.publisher) == (None, None)
    assert recipient.protocol == auditor.protocol == "night@1"
    assert "northmere-police" not in recipient.model_dump_json()


def test_the_recipient_reads_what_its_clauses_withhold_of_the_contract() -> None:
    """Forbidden fields are listed whether or not this event had them; released ones only where it had them."""
    rules = clause(permit=[{"fields": ["child.**"]}], forbid=[{"fields": ["child.nhs_number"], "because": "no need"}])
    recipient, _ = views(EVENT, rules)
    fields = shown(recipient)
    assert fields["child.name"] == ("released", None)
    assert fields["child.nhs_number"] == ("withheld", "forbidden")
    assert fields["last_seen.clothing"] == ("withheld", "no_permit")
    assert "child.known_as" not in fields


def test_a_silent_clause_is_never_told_to_the_recipient() -> None:
    """What a silent clause withholds looks as if the event had never had it, and what it releases has no clause."""
    open_clause = clause(1, permit=[{"fields": ["child.**"]}])
    silent = clause(
        2, permit=[{"fields": ["last_seen.clothing"]}], forbid=[{"fields": ["child.name"]}], silent=True, purpose="find"
    )
    recipient, auditor = views(EVENT, open_clause, silent)
    assert shown(auditor)["child.name"] == ("withheld", "forbidden")
    assert "child.name" not in shown(recipient)
    assert shown(recipient)["last_seen.clothing"] == ("released", None)
    assert "clause-2" not in recipient.model_dump_json()
    assert auditor.clauses == ("night@1#clause-1", "night@1#clause-2")


def test_an_account_that_may_be_withheld_is_always_said_to_depend_on_its_contents() -> None:
    """Absent, forbidden for its contents, or kept back by the publisher: the recipient reads the same of it."""
    rules = clause(permit=[{"fields": ["child.name", "circumstances"]}], forbid=[{"categories": ["criminal_justice"]}])
    offence = {"text": "an invented offence", "contains": ["criminal_justice"]}
    harmless = {"text": "left after tea", "contains": []}
    told = [
        views(EVENT, rules)[0],
        views({**EVENT, "circumstances": offence}, rules)[0],
        views({**EVENT, "circumstances": harmless}, rules, audience="-field:circumstances")[0],
    ]
    assert told[0] == told[1] == told[2]
    assert shown(told[0])["circumstances"] == ("withheld", "depends_on_contents")
    released = views({**EVENT, "circumstances": harmless}, rules)[0]
    assert shown(released)["circumstances"] == ("released", None)


def test_the_recipient_cannot_tell_that_a_child_is_flagged() -> None:
    """Without a place in the event, the view of a flagged child is that of any other child."""
    rules = clause(
        permit=[{"fields": ["child.name", "last_seen.place"]}], forbid=[{"categories": ["protected_whereabouts"]}]
    )
    with_place = {**EVENT, "last_seen": {"place": {"words": "by the harbour"}}}
    flagged, plain = views(with_place, rules, flagged=True)[0], views(EVENT, rules)[0]
    assert flagged == plain
    assert shown(plain)["last_seen.place"] == ("withheld", "depends_on_protection")


def test_of_what_it_was_not_told_a_recipient_reads_nothing() -> None:
    """No clause, narrowed, or nothing left of it: one and the same empty view; the auditor reads the reason."""
    rules = clause(permit=[{"fields": ["risk.**"]}])
    nothing_released, kept_out, no_clause = (
        views(EVENT, rules),
        views(EVENT, rules, audience="-agency:harbour-house"),
        views(EVENT, rules, roles=frozenset()),
    )
    assert nothing_released[0] == kept_out[0] == no_clause[0]
    assert nothing_released[0] == Detail(
        disclosure_id=IDS["disclosure"],
        event_type=ask().event_type,
        outcome=Operation.WITHHELD,
        episode=IDS["episode"],
    )
    assert [auditor.reason for _, auditor in (nothing_released, kept_out, no_clause)] == [
        "nothing_released",
        "narrowed_by_publisher",
        "no_clause",
    ]


def test_items_that_met_different_fates_are_each_told_once() -> None:
    """Of many people involved the view lists each field once, so that it does not count them."""
    involved = [{"agency": "harbour-house", "role": "care_provider"}] * 4
    recipient, auditor = views({**EVENT, "involved": involved}, clause(permit=[{"fields": ["involved[].role"]}]))
    assert [field.path for field in recipient.fields].count("involved[].role") == 1
    assert [field.outcome for field in auditor.fields if field.path == "involved[].role"] == [Outcome.RELEASED] * 4
