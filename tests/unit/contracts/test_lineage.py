"""How data passes between the versions of an event type."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.conversion import Conversion, ConversionFailed
from contracts.governance import Lifecycle, Status
from contracts.lineage import check_known, lower_data, newest_of, raise_data
from contracts.parse import parse_data
from tests.unit.contracts.glimpse import CONVERSION, FIRST, NOUN, RETIRED, SECOND, SEEN, V1, V2, down, in_catalogue, up

RISK = "concordat.risk.changed.v1"


@pytest.fixture(autouse=True)
def both_versions() -> Iterator[None]:
    with in_catalogue(RETIRED, SECOND):
        yield


def without_slang(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "slang"}


def test_a_type_without_a_later_version_is_the_newest() -> None:
    """What has one version is decided as what it is."""
    assert newest_of(RISK) == RISK
    assert (newest_of(V1), newest_of(V2)) == (V2, V2)
    assert raise_data(RISK, {"risk": {"level": "low"}}) == (RISK, {"risk": {"level": "low"}})


def test_a_draft_is_not_yet_the_newest() -> None:
    """A version under consultation changes nothing for anybody: version 1 is decided on until version 2 is in use."""
    with in_catalogue(FIRST, replace(SECOND, lifecycle=Lifecycle(Status.DRAFT))):
        assert newest_of(V1) == V1


def test_an_event_of_the_older_version_is_raised() -> None:
    """A home that still sends version 1 is understood in version 2."""
    event_type, data = raise_data(V1, SEEN)
    assert event_type == V2
    assert data == {"glimpse": {"place": SEEN["place"], "account": SEEN["note"]}, "sure": "yes"}
    parse_data(SECOND, data)


def test_what_was_raised_is_lowered_to_what_it_was() -> None:
    """Version 1 → 2 → 1 loses nothing but what version 2 dropped on purpose."""
    assert lower_data(V2, up(SEEN), {NOUN: 1}) == (V1, without_slang(SEEN))


@given(st.data())
def test_conversions_are_total_over_what_a_redaction_leaves(draw: st.DataObject) -> None:
    """Whatever a protocol withholds or transforms, the rest can still be given in the version that is asked for."""
    part = {name: SEEN[name] for name in draw.draw(st.sets(st.sampled_from(sorted(SEEN))))}
    if "certainty" in part and draw.draw(st.booleans()):
        part["certainty"] = "█"
    raised = up(part)
    event_type, lowered = lower_data(V2, raised, {NOUN: 1})
    assert event_type == V1
    assert set(lowered) == set(without_slang(part))
    assert raise_data(V1, lowered) == (V2, raised)


def test_a_conversion_takes_each_value_only_where_it_says() -> None:
    """A publisher's mark follows a value to every field that it reaches, so a conversion must say them all."""
    for contract in [one for one in CATALOGUE.values() if one.converts is not None]:
        conversion = contract.converts
        assert conversion is not None
        targets = {leaf.path for leaf in leaves_of(contract.type)}
        for leaf in leaves_of(conversion.previous):
            assert targets.issuperset(conversion.moved.get(leaf.path, (leaf.path,)))
    for name in SEEN:
        less = up({other: value for other, value in SEEN.items() if other != name})
        changed = {path for path in _flat(up(SEEN)) if _flat(up(SEEN))[path] != _flat(less).get(path)}
        assert changed == set(CONVERSION.moved[name])


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    paths = {leaf.path for leaf in leaves_of(V2)}
    found: dict[str, Any] = {}

    def walk(value: Any, path: str) -> None:
        if path in paths:
            found[path] = value
        elif isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}" if path else name)

    walk(data, "")
    return found


@pytest.mark.parametrize("knows", [{}, {NOUN: 2}, {NOUN: 7}, {"concordat.risk.changed": 1}])
def test_who_knows_the_newest_gets_it_as_it_is(knows: dict[str, int]) -> None:
    """Nothing is converted for an agency that did not ask."""
    assert lower_data(V2, {"sure": "yes"}, knows) == (V2, {"sure": "yes"})


def test_a_version_that_does_not_exist_cannot_be_given() -> None:
    """An agency that knows a version which nothing leads to gets nothing, rather than what it cannot read."""
    with pytest.raises(ConversionFailed, match="no conversion"):
        lower_data(V2, {"sure": "yes"}, {NOUN: 0})


def test_a_withdrawn_version_cannot_be_given() -> None:
    """What has been withdrawn is neither taken nor given."""
    gone = replace(FIRST, lifecycle=Lifecycle(Status.WITHDRAWN, date(2028, 4, 1)))
    with in_catalogue(gone, SECOND), pytest.raises(ConversionFailed, match="withdrawn"):
        lower_data(V2, {"sure": "yes"}, {NOUN: 1})


@pytest.mark.parametrize(
    "wrong", [{"stray": "x"}, {"involved": [{"agency": "a", "stray": "x"}]}, {"certainty": "certain", "sure": "yes"}]
)
def test_a_conversion_may_not_make_members_up(wrong: dict[str, Any]) -> None:
    """A member that the older contract has not would be read by nobody's rules."""
    careless = Conversion(V1, up, lambda _: wrong)
    with in_catalogue(RETIRED, replace(SECOND, converts=careless)), pytest.raises(ConversionFailed, match="member"):
        lower_data(V2, {"sure": "yes"}, {NOUN: 1})


def test_a_conversion_that_raises_says_no_value() -> None:
    """Whatever a conversion's error says, the values it was given do not travel with it."""

    def broken(data: dict[str, Any]) -> dict[str, Any]:
        raise KeyError(data["sure"])

    with in_catalogue(RETIRED, replace(SECOND, converts=Conversion(V1, up, broken))):
        with pytest.raises(ConversionFailed) as failed:
            lower_data(V2, {"sure": "canary"}, {NOUN: 1})
        assert "canary" not in str(failed.value)
        assert failed.value.__suppress_context__


def test_an_agency_can_only_ask_for_what_can_be_given() -> None:
    """A slip in a version is found when it is registered, not on the night."""
    check_known({NOUN: 1, "concordat.risk.changed": 1})
    for knows in ({NOUN: 3}, {"concordat.child.glmipsed": 1}, {NOUN: 0}):
        with pytest.raises(ValueError, match="accepted"):
            check_known(knows)


def test_conversions_leave_their_argument_alone() -> None:
    """What is lowered for one recipient is still whole for the next."""
    for convert, data in ((up, dict(SEEN)), (down, up(SEEN))):
        kept = repr(data)
        convert(data)
        assert repr(data) == kept
