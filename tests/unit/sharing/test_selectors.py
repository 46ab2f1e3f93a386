"""What a selector reaches."""

import pytest

from broker.sharing.selectors import ceiling, floor, keeps_back, path_matches, reach_of, unmatched
from contracts.catalogue import leaves_of
from contracts.categories import EVERY_CATEGORY, Category
from contracts.protocol import Forbid, Permit
from tests.unit.sharing.partnership import OPENED

LEAVES = {leaf.path: leaf for leaf in leaves_of(OPENED)}


@pytest.mark.parametrize(
    ("selector", "reached", "not_reached"),
    [
        ("risk.level", ["risk.level"], ["risk.previous", "risk.level.a", "risk"]),
        ("risk.*", ["risk.level", "risk.rationale"], ["risk.supplied_by.name", "risks.level"]),
        ("risk.**", ["risk.level", "risk.supplied_by.name"], ["riskier", "child.name"]),
        ("involved[].role", ["involved[].role"], ["involved[].agency", "involved.role"]),
        ("involved[].*", ["involved[].role", "involved[].agency"], ["involved"]),
    ],
)
def test_paths(selector: str, reached: list[str], not_reached: list[str]) -> None:
    """A path, one level, or all below; and nothing beside it."""
    assert all(path_matches(selector, path) for path in reached)
    assert not any(path_matches(selector, path) for path in not_reached)


@pytest.mark.parametrize(
    ("mark", "path"),
    [
        ("child", "child.name"),
        ("child.*", "child.name"),
        ("involved", "involved[].agency"),
        ("involved.agency", "involved[].agency"),
        ("last_seen.place.postcode", "last_seen.place"),
        ("circumstances.text", "circumstances"),
        ("**", "risk.level"),
        ("*", "risk.level"),
    ],
)
def test_a_publishers_mark_keeps_back_generously(mark: str, path: str) -> None:
    """A mark on an object keeps all of it, a mark inside a value keeps the whole value."""
    assert keeps_back(mark, path)
    assert not keeps_back("chil", "child.name")
    assert not keeps_back("child.*", "child_name")


def test_a_slip_in_a_mark_is_found() -> None:
    """A mark that keeps nothing back is named, so that the publisher can be told."""
    assert unmatched(("child.nmae", "child.name"), tuple(LEAVES.values())) == ("child.nmae",)


def test_a_category_permit_needs_all_and_a_forbid_any() -> None:
    """Permission for health is none for health and a third party; what forbids either forbids both."""
    both = frozenset({Category.HEALTH, Category.THIRD_PARTY})
    permit = reach_of(Permit(categories=(Category.HEALTH,)))
    forbid = reach_of(Forbid(categories=(Category.HEALTH,)))
    assert permit("a", frozenset({Category.HEALTH}))
    assert not permit("a", both)
    assert forbid("a", both)
    assert not forbid("a", frozenset({Category.IDENTITY}))


def test_what_a_leaf_can_count_as() -> None:
    """An account counts as narrative at least and everything at most; a place is protected for a flagged child."""
    account, place, name = LEAVES["circumstances"], LEAVES["last_seen.place"], LEAVES["child.name"]
    assert floor(account) == {Category.NARRATIVE}
    assert ceiling(account) == EVERY_CATEGORY
    assert floor(place) == {Category.LOCATION}
    assert ceiling(place) == {Category.LOCATION, Category.PROTECTED_WHEREABOUTS}
    assert floor(name) == ceiling(name) == {Category.IDENTITY}
