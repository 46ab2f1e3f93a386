"""Every code list, in every version: the packaged ones, and those of an operator in their place.

The lists that DfE, the College of Policing or a partnership may change are data: an operator names a folder of JSON
documents (form: `code_list.py`), and a version there replaces the packaged one of the same list and version, or stands
beside it from its own first day. Codes that logic turns on (the enumerations) cannot be added to or taken from; their
words can be changed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from contracts import categories, vocabulary
from contracts.vocabulary.code_list import Code, CodeList
from contracts.vocabulary.episode import Jurisdiction
from contracts.vocabulary.naming import list_of


class InvalidVocabulary(ValueError):
    """A folder of code lists cannot be used; each of `faults` names the file, the place in it and what to do."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class UnknownList(LookupError):
    """There is no list of this name, or no version of it in force on the day."""


@dataclass(frozen=True)
class Library:
    """Code lists by name, the versions of each from the earliest to the latest first day."""

    versions: MappingProxyType[str, tuple[CodeList, ...]]

    def names(self) -> tuple[str, ...]:
        """Return the names of all lists, sorted."""
        return tuple(sorted(self.versions))

    def in_force(self, name: str, day: date) -> CodeList:
        """Return the version of a list in force on a day: of those that cover it, the one that began last.

        UnknownList if there is no such list or no version covers the day.
        """
        covering = [version for version in self.versions.get(name, ()) if version.covers(day)]
        if not covering:
            raise UnknownList("no version of this list is in force on this day")
        return covering[-1]

    def find(self, name: str, code: str, day: date) -> Code | None:
        """Return the entry of a code on a day, None if the list does not have it then; UnknownList as `in_force`."""
        return self.in_force(name, day).find(code)

    def term(self, name: str, code: str, day: date, jurisdiction: Jurisdiction = Jurisdiction.ENGLAND) -> str:
        """Return what a code is called on a day in a jurisdiction; a code that the list does not have is its own name.

        UnknownList as `in_force`.
        """
        found = self.find(name, code, day)
        return code if found is None else found.term_in(jurisdiction)


def enumerations() -> dict[str, type[StrEnum]]:
    """Return the enumerations that logic turns on, by the name of their list: `RiskLevel` has `risk_level`."""
    named = [getattr(vocabulary, name) for name in vocabulary.__all__]
    found = [each for each in (*named, categories.Category, categories.Whose) if isinstance(each, type)]
    return {list_of(each): each for each in found if issubclass(each, StrEnum)}


@cache
def packaged() -> Library:
    """Return the lists that come with the contracts."""
    return _library(_read(resources.files("contracts.vocabulary") / "lists"))


def with_folder(folder: Path) -> Library:
    """Return the packaged lists with those of an operator's folder in their place; InvalidVocabulary names each fault.

    OSError if the folder cannot be read.
    """
    theirs = _read(folder)
    kept = [
        version
        for versions in packaged().versions.values()
        for version in versions
        if all((version.list, version.version) != (other.list, other.version) for _, other in theirs)
    ]
    return _library([*(("packaged", version) for version in kept), *theirs])


_Found = list[tuple[str, CodeList]]
"""Lists, each with the name of the file that it came from."""


def _read(folder: Traversable) -> _Found:
    found, faults = [], []
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".json"):
            continue
        try:
            found.append((file.name, CodeList.model_validate(json.loads(file.read_bytes()))))
        except ValidationError as error:
            faults += [f"{file.name}: {_place(each['loc'])}: {each['msg']}" for each in error.errors()]
        except (ValueError, RecursionError):
            faults.append(f"{file.name}: this is not JSON in UTF-8: write one code list as a JSON object")
    if faults:
        raise InvalidVocabulary(faults)
    return found


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{part}" for part in location) or "/"


def _library(found: _Found) -> Library:
    faults = [*_repeated(found), *_misfits(found)]
    if faults:
        raise InvalidVocabulary(faults)
    by_name: dict[str, list[CodeList]] = {}
    for _, version in sorted(found, key=lambda each: each[1].from_):
        by_name.setdefault(version.list, []).append(version)
    return Library(MappingProxyType({name: tuple(versions) for name, versions in by_name.items()}))


def _repeated(found: _Found) -> Iterator[str]:
    versions, days = set(), set()
    for file, each in found:
        if (each.list, each.version) in versions:
            yield f"{file}: /version: another file has the same version of this list: keep one of them"
        elif (each.list, each.from_) in days:
            yield f"{file}: /from: another version of this list comes into force on the same day: change one of them"
        versions.add((each.list, each.version))
        days.add((each.list, each.from_))


def _misfits(found: _Found) -> Iterator[str]:
    fixed = enumerations()
    for file, each in found:
        if each.list not in fixed:
            continue
        wanted, given = {code.value for code in fixed[each.list]}, {code.code for code in each.codes}
        if given != wanted:
            codes = ", ".join(sorted(wanted))
            yield f"{file}: /codes: the hub turns on the codes of this list: give exactly these, in any words: {codes}"
