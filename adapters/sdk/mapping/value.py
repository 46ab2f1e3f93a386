"""One text of an agency's system as the value of one field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from adapters.sdk.mapping.document import FieldRule
from adapters.sdk.mapping.gap import GapKind
from adapters.sdk.mapping.local_time import NoSuchTime, TwiceThatDay, moment_of
from adapters.sdk.mapping.target import Form, Target
from contracts.coded import MAX_UNMAPPED
from contracts.envelope import rfc3339

NOTHING: Any = object()
"""No value: the field is left out."""
DIRECTIVES = frozenset("dmYHMSz")
"""What a format may have. Names of months depend on the machine; two digits of a year on the century."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Value:
    """What a text became, and what is to be reported of it."""

    value: Any = NOTHING
    gaps: tuple[GapKind, ...] = ()
    kept: bool = False


Reader = Callable[[Any], Value]
"""Makes the value of one field; a text comes trimmed and is not empty."""


def reader_of(rule: FieldRule, target: Target, zone: ZoneInfo | None) -> Reader:
    """Return what reads the texts of one rule, which has been checked (`checks.py`)."""
    if rule.codes is not None:
        return _coded(rule, target)
    return {
        Form.TEXT: lambda text: Value(f"{rule.prefix or ''}{text}"),
        Form.CODE: _coded(rule, target),
        Form.FLAG: lambda _text: Value(gaps=(GapKind.UNREADABLE,)),
        Form.INTEGER: lambda text: _number(text, _INTEGER, int),
        Form.NUMBER: lambda text: _number(text, _NUMBER, float),
        Form.DAY: lambda text: _day(text, rule.format),
        Form.INSTANT: lambda text: _instant(text, rule, zone),
        Form.NARRATIVE: lambda text: Value(_account(text, rule)),
    }[target.form]


def _coded(rule: FieldRule, target: Target) -> Reader:
    codes: dict[str, Any] = {code: code for code in target.codes} if rule.codes is None else dict(rule.codes)
    if rule.ignore_case:
        codes = {word.casefold(): code for word, code in codes.items()}

    def read(text: str) -> Value:
        code = codes.get(text.casefold() if rule.ignore_case else text, NOTHING)
        if code is not NOTHING:
            return Value(NOTHING if code is None else code)
        if rule.otherwise is not None:
            return Value(rule.otherwise, (GapKind.ASSUMED_FLAG,))
        if target.takes_unmapped and rule.unmapped == "keep" and len(text) <= MAX_UNMAPPED:
            return Value({"unmapped": text}, (GapKind.UNMAPPED_CODE,), kept=True)
        return Value(gaps=(GapKind.UNMAPPED_CODE,))

    return read


def _number(text: str, form: re.Pattern[str], kind: Callable[[str], float]) -> Value:
    return Value(kind(text)) if form.fullmatch(text) else Value(gaps=(GapKind.UNREADABLE,))


def _day(text: str, written: str | None) -> Value:
    try:
        day = date.fromisoformat(text) if written is None else datetime.strptime(text, written).date()  # noqa: DTZ007 (a day)
    except ValueError:
        return Value(gaps=(GapKind.UNREADABLE,))
    return Value(day.isoformat())


def _instant(text: str, rule: FieldRule, zone: ZoneInfo | None) -> Value:
    try:
        local = datetime.fromisoformat(text) if rule.format is None else datetime.strptime(text, rule.format)  # noqa: DTZ007 (the zone follows)
    except ValueError:
        return Value(gaps=(GapKind.UNREADABLE,))
    gaps: tuple[GapKind, ...] = ()
    if rule.time_of_day is not None:
        local, gaps = datetime.combine(local.date(), time.fromisoformat(rule.time_of_day)), (GapKind.ASSUMED_TIME,)
    if local.tzinfo is not None:
        return Value(rfc3339(local), gaps)
    if zone is None:
        return Value(gaps=(GapKind.UNREADABLE,))
    try:
        moment, settled = moment_of(local, zone, rule.clock_change)
    except NoSuchTime:
        return Value(gaps=(GapKind.NO_SUCH_TIME,))
    except TwiceThatDay:
        return Value(gaps=(GapKind.TWICE_THAT_DAY,))
    return Value(rfc3339(moment), (*gaps, GapKind.ASSUMED_OFFSET) if settled else gaps)


def _account(text: str, rule: FieldRule) -> dict[str, Any]:
    account: dict[str, Any] = {"text": f"{rule.prefix or ''}{text}"}
    if rule.contains is not None:
        account["contains"] = [str(category) for category in rule.contains]
    if rule.basis is not None:
        account["basis"] = str(rule.basis)
    return account
