"""An invented event type in two major versions, to tell stories of how contracts evolve: a child has been glimpsed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts import catalogue, lineage, releases
from contracts.categories import Category
from contracts.conversion import Conversion
from contracts.events.base import ANYONE, Contract, EventData, Involved
from contracts.fields import group, leaf, leaves
from contracts.governance import Lifecycle, Status
from contracts.releases import Index, Released
from contracts.values import Closed, Narrative, Place, ShortText
from contracts.vocabulary import Stage

NOUN = "concordat.child.glimpsed"
V1, V2 = f"{NOUN}.v1", f"{NOUN}.v2"


class GlimpsedV1(EventData):
    """As it was first agreed."""

    place: Place = leaf(Category.LOCATION, "Where the child was glimpsed.", whereabouts=True)
    note: Narrative | None = leaf(Category.NARRATIVE, "What was seen.", default=None)
    certainty: ShortText | None = leaf(Category.OPERATIONAL, "How sure the witness is.", default=None)
    slang: ShortText | None = leaf(Category.OPERATIONAL, "What the control room calls it.", default=None)
    involved: tuple[Involved, ...] = group("Who is involved.", default=(), max_length=5)


class Glimpse(Closed):
    """One sighting."""

    place: Place = leaf(Category.LOCATION, "Where the child was glimpsed.", whereabouts=True)
    account: Narrative | None = leaf(Category.NARRATIVE, "What was seen.", default=None)


class GlimpsedV2(EventData):
    """As it was agreed a year later: the sighting stands together, and how sure is said in a shared word."""

    glimpse: Glimpse = group("The sighting.")
    sure: ShortText | None = leaf(Category.OPERATIONAL, "How sure the witness is: yes, no or unknown.", default=None)
    parties: tuple[Involved, ...] = group("Who is involved.", default=(), max_length=5)


_RENAMED = (("provenance", "provenance"), ("involved", "parties"))


def up(data: dict[str, Any]) -> dict[str, Any]:
    """Convert version 1 to version 2."""
    glimpse = {new: data[old] for old, new in (("place", "place"), ("note", "account")) if old in data}
    return (
        {new: data[old] for old, new in _RENAMED if old in data}
        | ({"glimpse": glimpse} if glimpse else {})
        | (
            {"sure": {"certain": "yes", "doubtful": "no"}.get(data["certainty"], "unknown")}
            if "certainty" in data
            else {}
        )
    )


def down(data: dict[str, Any]) -> dict[str, Any]:
    """Convert version 2 to version 1."""
    glimpse = data.get("glimpse", {})
    return (
        {old: data[new] for old, new in _RENAMED if new in data}
        | {old: glimpse[new] for old, new in (("place", "place"), ("note", "account")) if new in glimpse}
        | ({"certainty": {"yes": "certain", "no": "doubtful"}.get(data["sure"], "not said")} if "sure" in data else {})
    )


CONVERSION = Conversion(
    previous=V1,
    up=up,
    down=down,
    moved={
        "place": ("glimpse.place",),
        "note": ("glimpse.account",),
        "certainty": ("sure",),
        "slang": (),
        "involved[].agency": ("parties[].agency",),
        "involved[].role": ("parties[].role",),
    },
)
FIRST = Contract(GlimpsedV1, V1, "A child has been glimpsed.", Stage.SEARCH, ANYONE)
SECOND = Contract(GlimpsedV2, V2, "A child has been glimpsed.", Stage.SEARCH, ANYONE, converts=CONVERSION)
RETIRED = replace(FIRST, lifecycle=Lifecycle(Status.DEPRECATED, date(2027, 4, 1), V2))
SEEN: dict[str, Any] = {
    "place": {"words": "bus station", "area": "E06000999"},
    "note": {"text": "Sat with a friend.", "contains": ["narrative"], "basis": "fact"},
    "certainty": "certain",
    "slang": "blip",
}


@contextmanager
def in_catalogue(*contracts: Contract, release: int = 1) -> Iterator[None]:
    """Have contracts in the catalogue, released with all their fields in one release of the catalogue."""
    known = releases.index()
    types = {
        one.type: Released(f"{one.major}.0", {each.path: release for each in leaves(one.data)}) for one in contracts
    }
    index = Index(max(release, known.release), known.types | types)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "index", lambda: index)
        for one in contracts:
            patch.setitem(catalogue.CATALOGUE, one.type, one)
        _forget()
        yield
    _forget()


def _forget() -> None:
    for kept in (catalogue.leaves_of, lineage._converting, lineage._paths_of):
        kept.cache_clear()
