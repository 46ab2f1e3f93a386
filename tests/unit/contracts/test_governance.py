"""Each event type has a board that answers for it, and a place in its life."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from contracts.catalogue import CATALOGUE
from contracts.event_pages import event_pages, page_name
from contracts.governance import STEWARDS, Lifecycle, Status, Steward
from contracts.release import read_releases
from contracts.vocabulary import Stage
from tests.unit.contracts.glimpse import FIRST


def test_every_stage_of_the_journey_has_a_steward() -> None:
    """Whoever wants a definition changed knows whom to ask, for every event type there is."""
    assert set(STEWARDS) == set(Stage)
    assert all(contract.owner in Steward for contract in CATALOGUE.values())


def test_a_contract_may_have_another_steward_than_its_stage() -> None:
    """An event of the search that is all about medication answers to health."""
    assert FIRST.owner is Steward.POLICE
    assert replace(FIRST, steward=Steward.HEALTH).owner is Steward.HEALTH


def test_noun_and_major_come_from_the_type() -> None:
    """The type alone says which version it is."""
    assert (FIRST.noun, FIRST.major) == ("concordat.child.glimpsed", 1)


@pytest.mark.parametrize(
    ("status", "rest", "says"),
    [
        (Status.DEPRECATED, {"successor": "concordat.child.glimpsed.v2"}, "since which day"),
        (Status.DEPRECATED, {"since": date(2027, 4, 1)}, "publish instead"),
        (Status.WITHDRAWN, {}, "since which day"),
    ],
)
def test_a_type_that_ends_says_when_and_what_instead(status: Status, rest: dict[str, object], says: str) -> None:
    """A developer who reads that a type is deprecated also reads since when and what to publish."""
    with pytest.raises(ValueError, match=says):
        Lifecycle(status, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(Status.DRAFT, False), (Status.ACTIVE, True), (Status.DEPRECATED, True), (Status.WITHDRAWN, False)],
)
def test_what_a_hub_accepts(status: Status, accepted: bool) -> None:
    """A deprecated version keeps being accepted; drafts and withdrawn ones are not."""
    assert Lifecycle(status, date(2027, 4, 1), "concordat.child.glimpsed.v2").is_accepted is accepted


def test_the_pages_show_version_standing_and_steward() -> None:
    """The page that people read says of each type which version it is, where it stands and who answers for it."""
    pages = event_pages(read_releases(Path(__file__).parents[3]))
    for event_type, contract in CATALOGUE.items():
        page = pages[page_name(event_type)]
        assert f"| Steward | {contract.owner.replace('_', ' ')} |" in page
        assert f"| Status | {contract.lifecycle.status}" in page
    assert "| Version | 1.0 |" in pages[page_name("concordat.child.located.v1")]
