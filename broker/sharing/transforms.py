"""The closed set of transforms: what may stand in place of a value, and which of two stands for less.

For each kind of value the transforms that apply are ordered from the least to the most restrictive, between release
and withholding. Codes, agencies, numbers, flags and redacted records take no transform: a masked truth value would be
a false one. A transform that does not apply releases nothing as a permit, and withholds as a limit.

Masks are fixed texts, never of the value's length. A text that a transform cannot read (a name without a letter, a
birth date that lies ahead) is masked instead, which is the most restrictive of its order. A place with neither an area
code nor a postcode has no coarse location: nothing is released of it, exactly as if it had not been sent. Of a span,
each transform takes both ends.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from broker.sharing.pseudonym import pseudonym
from contracts.protocol import Transform
from contracts.values import Kind

MASK = "[masked]"

ORDER: dict[Kind, tuple[Transform, ...]] = {
    Kind.TEXT: (Transform.MASK,),
    Kind.NAME: (Transform.INITIALS, Transform.PSEUDONYM, Transform.MASK),
    Kind.DATE: (Transform.YEAR, Transform.AGE_BAND, Transform.MASK),
    Kind.INSTANT: (Transform.HOUR, Transform.YEAR, Transform.MASK),
    Kind.SPAN: (Transform.HOUR, Transform.YEAR, Transform.MASK),
    Kind.POSTCODE: (Transform.OUTWARD_POSTCODE, Transform.MASK),
    Kind.PLACE: (Transform.COARSE_LOCATION, Transform.MASK),
    Kind.IDENTIFIER: (Transform.PSEUDONYM, Transform.MASK),
    Kind.NARRATIVE: (Transform.MASK,),
}
"""Transforms that apply to each kind, least restrictive first. A kind that is absent takes none."""

RELEASE = 0
WITHHOLD = 99


def restrictiveness(kind: Kind, transform: Transform | None) -> int:
    """Return how restrictive a transform is for a kind, from RELEASE (None) to WITHHOLD (does not apply)."""
    if transform is None:
        return RELEASE
    order = ORDER.get(kind, ())
    return order.index(transform) + 1 if transform in order else WITHHOLD


@dataclass(frozen=True, slots=True)
class Setting:
    """What a transform may know besides the value: whom it is for, the London day, and the key of pseudonyms."""

    recipient: str
    today: date
    pseudonym_key: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a transform stands: the field, and the protocol version whose clause asks for it."""

    field: str
    protocol: str
    epoch: str
    """The protocol's version: its pseudonyms change when the parties sign a new one."""


Transformation = Callable[[Any, Setting, Scope], Any]
"""Value as JSON → what stands for it as JSON, or None where nothing can."""


def transformation(kind: Kind, transform: Transform) -> Transformation:
    """Return the function of a transform that applies to the kind; KeyError if it does not apply."""
    if transform not in ORDER.get(kind, ()):
        raise KeyError(transform)
    if transform is Transform.MASK:
        return _MASKS.get(kind, _mask)
    if kind is Kind.SPAN:
        return _ENDS[transform]
    return _TRANSFORMATIONS[transform]


def _mask(_value: Any, _setting: Setting, _scope: Scope) -> Any:
    return MASK


def _mask_narrative(_value: Any, _setting: Setting, _scope: Scope) -> Any:
    return {"text": MASK}


def _mask_place(_value: Any, _setting: Setting, _scope: Scope) -> Any:
    return {"words": MASK}


def _mask_span(_value: Any, _setting: Setting, _scope: Scope) -> Any:
    return {"earliest": MASK, "latest": MASK}


_YEAR = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?:T.*)?")
_HOUR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}):[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z")
_OUTWARD = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) [0-9][A-Z]{2}")
_AREA = re.compile(r"[EWSN][0-9]{8}")


def _first(pattern: re.Pattern[str], value: Any) -> str | None:
    match = pattern.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else match[1]


def _year(value: Any, _setting: Setting, _scope: Scope) -> Any:
    return _first(_YEAR, value) or MASK


def _hour(value: Any, _setting: Setting, _scope: Scope) -> Any:
    hour = _first(_HOUR, value)
    return MASK if hour is None else f"{hour}:00:00Z"


def _both_ends(of: Transformation) -> Transformation:
    def both(value: Any, setting: Setting, scope: Scope) -> Any:
        ends = value if isinstance(value, dict) else {}
        return {name: of(ends.get(name), setting, scope) for name in ("earliest", "latest")}

    return both


_BANDS = ((1, "0"), (5, "1-4"), (10, "5-9"), (16, "10-15"))
"""Age bands of the national statistics: the age that each ends before, and its name."""


def _age_band(value: Any, setting: Setting, _scope: Scope) -> Any:
    try:
        born = date.fromisoformat(value)
    except (TypeError, ValueError):
        return MASK
    today = setting.today
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < 0:
        return MASK
    return next((name for end, name in _BANDS if age < end), "16+")


def _outward(value: Any, _setting: Setting, _scope: Scope) -> Any:
    return _first(_OUTWARD, value) or MASK


def _coarse(value: Any, _setting: Setting, _scope: Scope) -> Any:
    """Keep the area code and the outward postcode of a place; nothing if it has neither."""
    if not isinstance(value, dict):
        return None
    kept = {}
    outward = _first(_OUTWARD, value.get("postcode"))
    if outward is not None:
        kept["outward_postcode"] = outward
    area = value.get("area")
    if isinstance(area, str) and _AREA.fullmatch(area):
        kept["area"] = area
    return kept or None


def _initials(value: Any, _setting: Setting, _scope: Scope) -> Any:
    if not isinstance(value, str):
        return MASK
    letters = [next((sign for sign in word if sign.isalnum()), "") for word in value.split()]
    return " ".join(f"{letter.upper()}." for letter in letters if letter) or MASK


def _pseudonym(value: Any, setting: Setting, scope: Scope) -> Any:
    if not isinstance(value, str):
        return MASK
    return pseudonym(
        setting.pseudonym_key,
        recipient=setting.recipient,
        protocol=scope.protocol,
        field=scope.field,
        epoch=scope.epoch,
        value=value,
    )


_MASKS: dict[Kind, Transformation] = {
    Kind.NARRATIVE: _mask_narrative,
    Kind.PLACE: _mask_place,
    Kind.SPAN: _mask_span,
}
_ENDS: dict[Transform, Transformation] = {Transform.HOUR: _both_ends(_hour), Transform.YEAR: _both_ends(_year)}
_TRANSFORMATIONS: dict[Transform, Transformation] = {
    Transform.YEAR: _year,
    Transform.HOUR: _hour,
    Transform.AGE_BAND: _age_band,
    Transform.OUTWARD_POSTCODE: _outward,
    Transform.COARSE_LOCATION: _coarse,
    Transform.INITIALS: _initials,
    Transform.PSEUDONYM: _pseudonym,
}
