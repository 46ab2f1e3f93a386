"""What holds of every protocol and every event: total, monotone, and silent about what is withheld."""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from broker.ledger.canonical import canonical_bytes, has_fraction
from broker.sharing.explain import recipient_view
from broker.sharing.transforms import RELEASE, WITHHOLD, restrictiveness
from contracts.canonical import canonical
from contracts.catalogue import leaves_of
from contracts.disclosure import FieldOutcome, Outcome
from contracts.protocol import Transform
from tests.unit.sharing.partnership import KEY, OPENED, ask, book, clause
from tests.unit.sharing.strategies import TYPES, clauses, contested, events, forbids, limits, permits

LOCATED = "concordat.child.located.v1"
KINDS = {leaf.path: leaf.kind for event_type in TYPES for leaf in leaves_of(event_type)}


def leaf_values(event_type: str, data: dict[str, Any]) -> list[str]:
    """The contract path of every leaf value that the data has, counted apart from the code under test."""
    known = {leaf.path for leaf in leaves_of(event_type)}

    def walk(value: Any, path: str) -> Iterator[str]:
        if path in known:
            yield path
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, f"{path}[]")
        else:
            for name, inner in value.items():
                yield from walk(inner, f"{path}.{name}" if path else name)

    return list(walk(data, ""))


def hollow(value: Any) -> bool:
    """Whether there is an empty object or list in a value (an account's own marks aside): a trace of the withheld."""
    inner = [one for name, one in value.items() if name != "contains"] if isinstance(value, dict) else value
    return not inner or any(hollow(one) for one in inner if isinstance(one, dict | list))


def rank(outcome: FieldOutcome) -> int:
    """How restrictive an outcome is."""
    if outcome.outcome is Outcome.RELEASED:
        return RELEASE
    if outcome.outcome is Outcome.WITHHELD and outcome.reason != "nothing_left":
        return WITHHOLD
    return restrictiveness(KINDS[outcome.path], Transform(outcome.transform))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_leaf_gets_exactly_one_outcome(data: st.DataObject) -> None:
    """Of every contract, under whatever clauses: as many outcomes as the event has leaf values, each once."""
    event_type = data.draw(st.sampled_from(TYPES))
    event = data.draw(events(event_type))
    decision = book(*data.draw(clauses(event_type))).decide(
        ask(event_type=event_type, flagged=data.draw(st.booleans()))
    )
    redaction = decision.redact(event, KEY)
    assert sorted(outcome.path for outcome in redaction.outcomes) == sorted(leaf_values(event_type, event))
    assert redaction.data == {} or not hollow(redaction.data)
    given_out = [outcome.path for outcome in redaction.outcomes if outcome.outcome is not Outcome.WITHHELD]
    assert sorted(leaf_values(event_type, redaction.data)) == sorted(given_out)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_redaction_makes_a_fraction(data: st.DataObject) -> None:
    """What is released of an event without fractions has none: whether it has any is looked at once, for all."""
    event_type = data.draw(st.sampled_from(TYPES))
    event = data.draw(events(event_type))
    redaction = (
        book(*data.draw(clauses(event_type)))
        .decide(ask(event_type=event_type, flagged=data.draw(st.booleans())))
        .redact(event, KEY)
    )
    assert has_fraction(event) or not has_fraction(redaction.data)
    assert canonical_bytes(redaction.data, fractions=has_fraction(event)) == canonical(redaction.data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_adding_a_permit_never_withholds(data: st.DataObject) -> None:
    """With one permit more, in an old clause or a new one, no field comes out more restricted."""
    event, before = data.draw(events(OPENED)), data.draw(clauses(OPENED))
    after, more = copy.deepcopy(before), data.draw(permits(OPENED))
    if data.draw(st.booleans()):
        after.append(clause(9, permit=[more]))
    else:
        data.draw(st.sampled_from(after))["permit"].append(more)
    question = ask(flagged=data.draw(st.booleans()))
    one, other = (book(*rules).decide(question).redact(event, KEY).outcomes for rules in (before, after))
    assert all(rank(new) <= rank(old) for old, new in zip(one, other, strict=True))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_adding_a_limit_or_forbid_never_releases(data: st.DataObject) -> None:
    """With one limit or forbid more, no field comes out less restricted."""
    event, before = data.draw(events(OPENED)), data.draw(clauses(OPENED))
    after = copy.deepcopy(before)
    name, rules = data.draw(st.sampled_from([("limit", limits), ("forbid", forbids)]))
    if data.draw(st.booleans()):
        after.append(clause(9, **{name: [data.draw(rules(OPENED))]}))
    else:
        data.draw(st.sampled_from(after))[name].append(data.draw(rules(OPENED)))
    question = ask(flagged=data.draw(st.booleans()))
    one, other = (book(*rules).decide(question).redact(event, KEY).outcomes for rules in (before, after))
    assert all(rank(new) >= rank(old) for old, new in zip(one, other, strict=True))


def spliced(base: dict[str, Any], other: dict[str, Any], steps: list[str]) -> dict[str, Any]:
    """The base event with one leaf (or whole list) as the other event has it, which may be not at all."""
    name, *rest = steps
    name, many = name.removesuffix("[]"), name.endswith("[]")
    result = dict(base)
    if rest and not many:
        inner = spliced(base.get(name, {}), other.get(name, {}), rest)
        result.pop(name, None)
        return {**result, name: inner} if inner else result
    result.pop(name, None)
    return {**result, name: other[name]} if name in other else result


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_what_is_withheld_leaves_no_trace(data: st.DataObject) -> None:
    """Two events that differ only in what is withheld, flags and the publisher's own marks included, look the same.

    The second event takes over every leaf of a random other one that does not change what the recipient is given. The
    bytes of the data and the whole of the recipient's view must then be equal, although flag and audience may differ.
    """
    event_type = data.draw(st.sampled_from(TYPES))
    rulebook = book(*data.draw(clauses(event_type)))
    first, other = data.draw(events(event_type)), data.draw(events(event_type))
    paths = [leaf.path for leaf in leaves_of(event_type)]
    marks = data.draw(st.lists(st.sampled_from(paths), max_size=3))
    one = ask(event_type=event_type, flagged=data.draw(st.booleans()))
    two = ask(
        event_type=event_type,
        flagged=data.draw(st.booleans()),
        audience=" ".join(f"-field:{mark}" for mark in marks) or None,
    )
    left, right = rulebook.decide(one), rulebook.decide(two)
    given_out = left.redact(first, KEY)
    second = first
    for path in paths:
        changed = spliced(second, other, path.split("."))
        if right.redact(changed, KEY).data == given_out.data:
            second = changed
    same = right.redact(second, KEY)
    assume(same.data == given_out.data)
    assert json.dumps(same.data) == json.dumps(given_out.data)
    views = [
        recipient_view(decision, redaction, disclosure="01JD6QK3Z8T0V5W2N4Y6B8C0D1", episode=None).model_dump_json()
        for decision, redaction in ((left, given_out), (right, same))
    ]
    assert views[0] == views[1]


PLACES = (None, {"words": "by the harbour"}, {"area": "E08000001"}, {"postcode": "NM1 4ST", "area": "E08000001"})
MARKS = ([], ["health"], ["third_party"], ["criminal_justice", "narrative"], ["protected_whereabouts"])
ACCOUNTS = (None, {"text": "well"}, *({"text": "well", "contains": marks} for marks in MARKS))


@given(contested())
@settings(max_examples=400, deadline=None)
def test_equal_to_the_recipient_is_equal_in_its_view(rules: list[dict[str, Any]]) -> None:
    """Every combination of place, account, flag and publisher's mark: what looks the same is explained the same."""
    rulebook = book(*rules)
    views: dict[str, set[str]] = {}
    for flagged, mark in itertools.product((False, True), (None, "-field:place", "-field:condition")):
        decision = rulebook.decide(ask(event_type=LOCATED, flagged=flagged, audience=mark))
        for place, condition in itertools.product(PLACES, ACCOUNTS):
            sent = {"located_at": "2026-11-22T21:40:00Z", "place": place, "condition": condition}
            redaction = decision.redact({name: value for name, value in sent.items() if value is not None}, KEY)
            view = recipient_view(decision, redaction, disclosure="01JD6QK3Z8T0V5W2N4Y6B8C0D1", episode=None)
            views.setdefault(json.dumps(redaction.data), set()).add(view.model_dump_json())
    assert [sorted(same) for same in views.values() if len(same) > 1] == []


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_flagged_childs_place_never_reaches_who_is_forbidden_it(data: st.DataObject) -> None:
    """However much else is permitted, one forbid of protected whereabouts keeps every field that betrays a place."""
    event_type = data.draw(st.sampled_from(TYPES))
    event = data.draw(events(event_type))
    keeper = clause(9, forbid=[{"categories": ["protected_whereabouts"]}])
    decision = book(*data.draw(clauses(event_type)), keeper).decide(ask(event_type=event_type, flagged=True))
    betraying = {leaf.path for leaf in leaves_of(event_type) if leaf.whereabouts}
    assert betraying.isdisjoint(leaf_values(event_type, decision.redact(event, KEY).data))


@given(events(OPENED), st.sampled_from(["initials", "mask", "year", "coarse_location"]))
def test_redacting_changes_nothing_of_the_event(event: dict[str, Any], transform: str) -> None:
    """The accepted event is the same after any number of recipients."""
    before = copy.deepcopy(event)
    fields = [{"fields": [leaf.path for leaf in leaves_of(OPENED)], "transform": transform}]
    book(clause(permit=fields)).decide(ask()).redact(event, KEY)
    assert event == before
