"""What a field may betray, and whose it is: worked out for every field of every contract."""

import re
from collections.abc import Iterator

import pytest

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.categories import Category, Whose
from contracts.fields import Leaf
from contracts.values import Kind

EVERY = [(event_type, leaf) for event_type in sorted(CATALOGUE) for leaf in leaves_of(event_type)]
EVERYWHERE = {leaf.path for _, leaf in EVERY}

# Of a flagged child these say nothing of the place: each with the reason.
HARMLESS_AGENCIES = {
    "concordat.rhi.due.v1": {"responsible"},  # who answers for the child is known to all who are involved
    "concordat.rhi.overdue.v1": {"responsible"},  # likewise
    "concordat.protocol.activated.v1": {"signed_by[]"},  # no child is in it
    "concordat.protocol.ended.v1": {"withdrawn_by"},  # likewise
}
BETRAYING = re.compile(
    r"(^|\.)(agency|role|telephone|number|desk|post|place|area|address|setting|found_by|confirmed_by|heading|"
    r"force_reference|assignee|suggested|held_by|withheld_from|recording|unit|local_reference|plan_reference|scheme|jurisdiction|provider|ofsted_urn)$"
)
# Names like those that do not betray.
HARMLESS_NAMES = {"by.role"}  # the role of a person who acknowledges, within their agency


def named(leaf: Leaf) -> str:
    return leaf.path.replace("[]", "")


def of_kind(*kinds: Kind) -> Iterator[tuple[str, Leaf]]:
    return ((event_type, leaf) for event_type, leaf in EVERY if leaf.kind in kinds)


def test_every_place_is_marked() -> None:
    """No place, postcode or field about a location comes out for a hidden child under a clause that protects them."""
    missed = [
        (event_type, leaf.path)
        for event_type, leaf in EVERY
        if not leaf.whereabouts and (leaf.kind in (Kind.PLACE, Kind.POSTCODE) or Category.LOCATION in leaf.categories)
    ]
    assert missed == []


def test_every_agency_is_marked() -> None:
    """Which council, home or force is named tells where a hidden child is; exceptions have their reason above."""
    missed = [
        (event_type, leaf.path)
        for event_type, leaf in of_kind(Kind.AGENCY)
        if not leaf.whereabouts and leaf.path not in HARMLESS_AGENCIES.get(event_type, set())
    ]
    assert missed == []


def test_operational_names_that_betray_are_marked() -> None:
    """A desk, a dialling code, a force's reference, the post of whoever found the child: small things that tell."""
    missed = [
        (event_type, leaf.path)
        for event_type, leaf in EVERY
        if BETRAYING.search(named(leaf)) and not leaf.whereabouts and named(leaf) not in HARMLESS_NAMES
    ]
    assert missed == []


def test_what_belongs_to_others_is_theirs() -> None:
    """An access request finds third parties' data by field: what is of that category is of nobody else."""
    for _, leaf in EVERY:
        if Category.THIRD_PARTY in leaf.categories:
            assert leaf.whose is Whose.THIRD_PARTY, leaf.path


@pytest.mark.parametrize("part", ["person", "noted_by", "reporter", "requested_by", "seen_by", "shared_by", "contact"])
def test_whoever_acts_in_a_post_is_a_professional(part: str) -> None:
    """Name, post and number of a professional are told apart from those of the child and of the family."""
    found = [leaf for _, leaf in EVERY if re.search(rf"(^|\.){part}\.(name|post|telephone)$", leaf.path)]
    assert found
    assert {leaf.whose for leaf in found} == {Whose.PROFESSIONAL}


def test_a_mothers_number_is_a_third_partys() -> None:
    """A parent who rang in does not act in a post: their data is not given out with the professionals'."""
    told = [leaf for _, leaf in EVERY if leaf.path in ("informant.telephone", "through.name", "risk.told_by.name")]
    assert len(told) >= 4
    assert {leaf.whose for leaf in told} == {Whose.THIRD_PARTY}


def test_the_childs_own_number_is_the_childs() -> None:
    """A telephone is a way to reach a person; this one is the child's."""
    (number,) = {leaf.whose for _, leaf in EVERY if leaf.path == "profile.handsets[].number"}
    assert number is Whose.CHILD


def test_a_police_reference_counts_as_criminal_justice() -> None:
    """That a child has a number at the Police National Computer is itself said only where offences may be."""
    for _, leaf in EVERY:
        if leaf.path.endswith("pnc_id"):
            assert leaf.categories == {Category.CRIMINAL_JUSTICE}
    assert any(path.endswith("pnc_id") for path in EVERYWHERE)


@pytest.mark.parametrize("path", ["reporter.name", "noted_by.name", "informant.name", "attendance[].name"])
def test_the_name_of_whoever_looks_after_a_hidden_child_is_marked(path: str) -> None:
    """The reporter may be the carer who is hidden with the child: the name alone leads to the door."""
    found = [leaf for _, leaf in EVERY if leaf.path == path]
    assert found
    assert all(leaf.whereabouts for leaf in found)
