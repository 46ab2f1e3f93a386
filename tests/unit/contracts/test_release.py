"""The command that releases contracts, and the gate before it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility.catalogue import judge
from contracts.compatibility.describe import describe
from contracts.governance import Lifecycle, Status
from contracts.release import main, pending, read_releases
from contracts.releases import UNRELEASED, latest, read_index, since, version_of
from tests.unit.contracts.glimpse import CONVERSION, FIRST, RETIRED, SECOND, V1, V2, in_catalogue

ROOT = Path(__file__).parents[3]
Tree = dict[str, dict[str, Any]]


@pytest.fixture
def first() -> Tree:
    with in_catalogue(FIRST):
        return {V1: describe(FIRST)}


@pytest.fixture
def released(tmp_path: Path, first: Tree) -> Path:
    """A project whose one contract has been released once."""
    assert main([], tmp_path, first) == 0
    return tmp_path


@pytest.fixture
def second() -> Iterator[Tree]:
    """Version 2 in use beside a deprecated version 1."""
    with in_catalogue(RETIRED, SECOND):
        yield {V1: describe(RETIRED), V2: describe(SECOND)}


def with_field(tree: Tree, name: str, **marks: Any) -> Tree:
    changed = deepcopy(tree)
    schema = {"type": "string", "description": "Added.", "maxLength": 10}
    changed[V1]["schema"]["$defs"]["data"]["properties"][name] = schema
    changed[V1]["fields"][name] = {
        "kind": "text",
        "categories": ["health"],
        "whereabouts": False,
        "whose": "child",
    } | marks
    return changed


def index(root: Path) -> Any:
    return read_index((root / "contracts/released/index.json").read_text(encoding="utf-8"))


def test_the_released_contracts_are_kept(released: Path, first: Tree) -> None:
    """What agencies build on stands in the repository, whole, as it was released."""
    kept = json.loads((released / "contracts/released" / V1 / "1.0.json").read_text(encoding="utf-8"))
    assert kept == first[V1] | {"version": "1.0", "release": 1}


def test_nothing_is_released_twice(released: Path, first: Tree) -> None:
    """A second run on the same contracts writes nothing."""
    assert pending(read_releases(released), first) == {}
    assert main([], released, first) == 0
    assert list((released / "contracts/released" / V1).iterdir()) == [released / "contracts/released" / V1 / "1.0.json"]


def test_an_addition_is_a_minor_version(released: Path, first: Tree) -> None:
    """An optional field comes: version 1.1, in the second release of the catalogue, which brought that field alone."""
    assert main([], released, with_field(first, "added")) == 0
    found = index(released)
    assert (found.release, found.types[V1].version) == (2, "1.1")
    assert found.types[V1].since["added"] == 2
    assert set(found.types[V1].since.values()) == {1, 2}


def test_check_lets_an_addition_pass_and_says_that_it_waits(
    released: Path, first: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a field is worked on the gate passes, and says that no protocol releases it yet."""
    assert main(["--check"], released, with_field(first, "added")) == 0
    assert "withheld by every protocol" in capsys.readouterr().err
    assert index(released).release == 1


def test_what_breaks_is_not_released_and_is_explained(
    released: Path, first: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    """A field is taken away: nothing is written, and both sides are named with the field and the way out."""
    less = deepcopy(first)
    del less[V1]["fields"]["slang"]
    del less[V1]["schema"]["$defs"]["data"]["properties"]["slang"]
    assert main([], released, less) == 1
    said = capsys.readouterr().err
    assert f"{V1} · slang · breaks agencies that publish it" in said
    assert f"{V1} · slang · breaks agencies that read it" in said
    assert "next major version" in said
    assert index(released).release == 1


def test_a_stale_index_is_found(released: Path, first: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody edits the index so that a field looks older than it is: the gate sees it."""
    assert main([], released, with_field(first, "added")) == 0
    path = released / "contracts/released/index.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    fields = document["types"][V1]["fields"]
    fields["1"] += fields.pop("2")
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main(["--check"], released, with_field(first, "added")) == 1
    assert "stale" in capsys.readouterr().err


def test_every_earlier_release_counts(released: Path, first: Tree) -> None:
    """A field of the first release that was mended in the second is held against both."""
    assert main([], released, with_field(first, "added")) == 0
    moved = with_field(first, "added", categories=["operational"])
    places = {(one.place, one.side.value) for one in judge(read_releases(released), moved)}
    assert places == {("added", "disclosure")}


def test_a_draft_is_never_released(tmp_path: Path, first: Tree) -> None:
    """What is under consultation may change in any way, so nobody may build on it."""
    draft = {V1: first[V1] | {"lifecycle": {"status": "draft", "since": None, "successor": None}}}
    assert main([], tmp_path, draft) == 0
    assert index(tmp_path).types == {}


def test_a_new_major_version_comes_beside_the_old(released: Path, second: Tree) -> None:
    """Version 2 with a conversion, version 1 deprecated in its favour: both are released."""
    assert main([], released, second) == 0
    assert {name: one.version for name, one in index(released).types.items()} == {V1: "1.1", V2: "2.0"}
    assert set(index(released).types[V2].since.values()) == {2}


@pytest.mark.parametrize(
    ("first_version", "second_version", "says"),
    [
        (FIRST, SECOND, "two versions in use at once"),
        (RETIRED, replace(SECOND, converts=None), "declare how they are converted"),
        (
            RETIRED,
            replace(SECOND, converts=replace(CONVERSION, previous="concordat.risk.changed.v1")),
            "own version before",
        ),
        (RETIRED, replace(SECOND, lifecycle=Lifecycle(Status.DRAFT)), "is not in use"),
    ],
)
def test_versions_follow_one_another(first_version: Any, second_version: Any, says: str) -> None:
    """Two versions that nothing leads between, or that both claim to be the one in use, are not released."""
    with in_catalogue(first_version, second_version):
        found = judge({}, {V1: describe(first_version), V2: describe(second_version)})
    assert any(says in one.message for one in found)


def test_a_contract_that_goes_missing_is_noticed(released: Path) -> None:
    """A module is deleted: what publishers send would be refused without anybody having said so."""
    assert {one.side.value for one in judge(read_releases(released), {})} == {"publisher", "recipient"}


def test_a_withdrawn_contract_stays_in_the_catalogue(released: Path, second: Tree) -> None:
    """What was recorded under it must be readable by whoever audits it years later."""
    assert main([], released, second) == 0
    gone = replace(FIRST, lifecycle=Lifecycle(Status.WITHDRAWN, date(2028, 4, 1)))
    with in_catalogue(gone, SECOND):
        withdrawn = {V1: describe(gone), V2: describe(SECOND)}
    assert main([], released, withdrawn) == 0
    found = judge(read_releases(released), {V2: second[V2]})
    assert [one.message for one in found if one.event_type == V1] == [
        "what was recorded under it could no longer be read or audited: keep the contract, withdrawn"
    ]


def test_the_package_carries_its_index() -> None:
    """An installed copy knows what was released and since when; of what was not, that no protocol can reach it."""
    assert latest() >= 1
    assert version_of("concordat.risk.changed.v1") is not None
    assert since("concordat.risk.changed.v1", "risk.level") == 1
    assert since("concordat.risk.changed.v1", "risk.horoscope") == UNRELEASED
    assert since("concordat.never.heard.v1", "anything") == UNRELEASED


def test_the_contracts_of_this_tree_may_be_released(capsys: pytest.CaptureFixture[str]) -> None:
    """The gate of `make check`, run here too: nothing in the working tree breaks what was released."""
    assert main(["--check"], ROOT) == 0, capsys.readouterr().err
