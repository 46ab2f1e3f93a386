"""Canonical bytes (RFC 8785) of what the hub records, at the speed that an entry for every recipient needs.

`contracts.canonical` writes any value, in Python. Most of what is recorded has no fractions and no character beyond the
Basic Multilingual Plane; of such a value the encoder gives the very same bytes, many times as fast. A property test
holds the two against each other.
"""

import re
from collections.abc import Mapping

import orjson

from contracts.canonical import canonical

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)
_ASTRAL = re.compile(rb"[\xf0-\xf4]")
"""A character beyond the plane: as a code point it sorts after U+FFFF, in UTF-16 before U+E000."""


def canonical_bytes(value: object, *, fractions: bool | None = None) -> bytes:
    """Return the RFC 8785 bytes of a JSON value, which consists of Python's own types as a parser makes them.

    `fractions` says whether a number in it may have one, where the caller knows; otherwise it is looked for. Raises
    NotCanonicalError as `contracts.canonical` does.
    """
    if fractions or (fractions is None and has_fraction(value)):
        return canonical(value)
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return canonical(value)
    if not (text.isascii() or _ASTRAL.search(text) is None):
        return canonical(value)
    return text


def has_fraction(value: object) -> bool:
    """Say whether a number has to be written as ECMAScript writes fractions: any that is no whole number by its type.

    What is released of a value has none where the value itself has none: no transform of a protocol makes a fraction.
    """
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return isinstance(value, float)
    for one in value:  # noqa: SIM110 (twice as fast as a generator, for every field of every event)
        if type(one) is not str and has_fraction(one):
            return True
    return False


def composed_bytes(value: Mapping[str, object]) -> bytes:
    """Return the RFC 8785 bytes of an object of the hub's own making.

    Its names and text are printable ASCII, its numbers whole and below 2^53; what is not has been written before, and
    is given as an `orjson.Fragment`.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
