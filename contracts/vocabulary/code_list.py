"""One version of one code list, as its JSON document has it.

    {
      "list": "risk_level", "title": "Level of risk", "about": "…", "source": "…",
      "version": "1", "from": "2026-01-01", "until": null, "confirmed": false,
      "codes": [{"code": "high", "term": "High", "terms": {"scotland": "…"},
                 "definition": "…", "definitions": {"scotland": "…"}, "after_hours": null}]
    }

`from` and `until` are whole days, inclusive; without `until` the version stands until a later one comes into force.
"""

from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts import times
from contracts.vocabulary.episode import Jurisdiction

_Day = Annotated[date, BeforeValidator(times.read_day)]
_Jurisdiction = Annotated[Jurisdiction, Field(strict=False)]
_Sentence = Annotated[str, Field(min_length=1, max_length=1000)]
_Term = Annotated[str, Field(min_length=1, max_length=120)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Code(_Document):
    """One code: how it is written in events, how people say it, and what it means."""

    code: str = Field(pattern=r"^[A-Za-z0-9_]{1,60}$")
    term: _Term
    terms: dict[_Jurisdiction, _Term] = {}
    """Where a jurisdiction says it in other words."""
    definition: _Sentence
    definitions: dict[_Jurisdiction, _Sentence] = {}
    """Where a jurisdiction means something else by it."""
    after_hours: int | None = Field(None, ge=0)
    """Of a duty with a time: the hours after which it falls due."""

    def term_in(self, jurisdiction: Jurisdiction) -> str:
        """Return what the code is called there."""
        return self.terms.get(jurisdiction, self.term)

    def definition_in(self, jurisdiction: Jurisdiction) -> str:
        """Return what the code means there."""
        return self.definitions.get(jurisdiction, self.definition)


class CodeList(_Document):
    """One version of a list of codes."""

    list: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    title: _Term
    about: _Sentence
    source: _Sentence
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$")
    from_: _Day = Field(alias="from")
    until: _Day | None = None
    confirmed: bool
    """Whether the words and codes have been checked with the body that owns the list."""
    codes: tuple[Code, ...] = Field(min_length=1, strict=False)

    @model_validator(mode="after")
    def _check(self) -> "CodeList":
        if self.until is not None and self.until < self.from_:
            raise ValueError("a version ends on the day it comes into force or later: correct from or until")
        if len({each.code for each in self.codes}) != len(self.codes):
            raise ValueError("each code stands once in a list: remove the repeated one")
        return self

    def covers(self, day: date) -> bool:
        """Say whether the day lies between the version's first and last day."""
        return self.from_ <= day and (self.until is None or day <= self.until)

    def find(self, code: str) -> Code | None:
        """Return the entry of a code, or None if this version does not have it."""
        return self._by_code.get(code)

    @cached_property
    def _by_code(self) -> dict[str, Code]:
        return {each.code: each for each in self.codes}
