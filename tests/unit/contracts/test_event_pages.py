"""The pages of the catalogue: every type is found by its stage, and each page teaches what the contract says."""

import json
import re
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.changelog import changelog
from contracts.compatibility.describe import describe
from contracts.event_pages import INDEX, event_pages, page_name
from contracts.examples import examples_of
from contracts.parse import InvalidEvent, parse_event

LOCATED = "concordat.child.located.v1"
PAGES = event_pages({})
FOLDER = Path(__file__).parents[3] / "docs/reference/events"


def released(version: str, release: int) -> dict[str, Any]:
    """Return the description of a type as if it had been released."""
    return {**deepcopy(describe(CATALOGUE[LOCATED])), "version": version, "release": release}


def test_the_index_names_every_type_once() -> None:
    """Whoever looks for an event finds it under its stage, with one line that says what it is for."""
    for event_type, contract in CATALOGUE.items():
        (row,) = (line for line in PAGES[INDEX].splitlines() if f"({page_name(event_type)})" in line)
        assert contract.purpose in row


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_a_page_has_every_field_with_its_definition(event_type: str) -> None:
    """What a data protection officer must know of a field stands in one row."""
    rows = {
        row.split(" | ")[0].strip("| `"): row for row in PAGES[page_name(event_type)].splitlines() if row[:3] == "| `"
    }
    for leaf in leaves_of(event_type):
        row = rows[leaf.path]
        assert leaf.definition.replace("<", "&lt;") in row
        assert f"| {leaf.whose} |" in row
        assert all(category in row for category in leaf.categories)
        assert row.split(" | ")[4:6] == ["yes" if leaf.whereabouts else "", "yes" if leaf.required else ""]


@pytest.mark.parametrize("event_type", sorted(CATALOGUE))
def test_a_page_shows_the_samples_as_they_are(event_type: str) -> None:
    """Each block of JSON is one of the examples, and the invalid one comes with the fault that it gets."""
    page, examples = PAGES[page_name(event_type)], examples_of(event_type)
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)]
    assert blocks == [examples.minimal, examples.full, examples.invalid]
    assert f"Refused, with `{examples.fault.code}` at `{examples.fault.pointer}`: " in page


def test_the_words_of_a_fault_are_the_hubs_own() -> None:
    """A developer who meets the error finds the same sentence on the page."""
    with pytest.raises(InvalidEvent) as caught:
        parse_event(examples_of(LOCATED).invalid)
    assert caught.value.faults[0].message in PAGES[page_name(LOCATED)]


def test_every_link_leads_somewhere() -> None:
    """From the index to each page, and from each page to its schema and back."""
    for text in PAGES.values():
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (FOLDER / target).is_file(), target


def test_a_type_without_a_release_says_so() -> None:
    """Nobody waits for fields that every protocol still withholds."""
    assert "Not released" in PAGES[page_name(LOCATED)]
    assert "| Version | 1.0 |" in event_pages({LOCATED: [released("1.0", 1)]})[page_name(LOCATED)]


def test_the_changelog_tells_what_each_release_changed() -> None:
    """The latest first: what is new, what a field counts as, who publishes, where the type stands."""
    first, second, third, fourth = (released(f"1.{minor}", minor + 1) for minor in range(4))
    del first["fields"]["condition"]
    for later in (third, fourth):
        later["fields"]["area"]["whereabouts"] = False
        later["ring"] = not later["ring"]
    fourth["lifecycle"] = {
        "status": "deprecated",
        "since": date(2027, 9, 1).isoformat(),
        "successor": "concordat.child.located.v2",
    }
    lines = changelog([first, second, third, fourth])
    assert [line[:9] for line in lines] == ["- **1.3**", "- **1.2**", "- **1.1**", "- **1.0**"]
    assert lines[3].endswith("(release 1 of the contracts): first version.")
    assert lines[2].endswith(": new field `condition`.")
    assert "`area` is " in lines[1]
    assert lines[1].endswith("; whether to ring has changed.")
    assert lines[0].endswith(": deprecated since 2027-09-01, publish `concordat.child.located.v2` instead.")


def test_a_release_that_only_words_things_anew_says_that() -> None:
    """No release stands without a reason."""
    assert changelog([released("1.0", 1), released("1.1", 2)])[0].endswith("values are checked otherwise.")
