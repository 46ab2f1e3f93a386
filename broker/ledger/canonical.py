"""Canonical bytes (RFC 8785) of what the hub records, at the speed that an entry for every recipient needs.

`contracts.canonical` writes any value, in Python. Most of what is recorded has no fractions and no character beyond the
Basic Multilingual Plane; of such a value the encoder gives the very same bytes, many times as fast. A property test
holds the two against each other.
"""

import re

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


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a JSON value, which consists of Python's own types as a parser makes them.

    Raises NotCanonicalError as `contracts.canonical` does.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return canonical(value)
    if _has_fraction(value) or not (text.isascii() or _ASTRAL.search(text) is None):
        return canonical(value)
    return text


def _has_fraction(value: object) -> bool:
    """Say whether a number has to be written as ECMAScript writes fractions."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return isinstance(value, float)
    for one in value:  # noqa: SIM110 (twice as fast as a generator, for every field of every entry)
        if type(one) is not str and _has_fraction(one):
            return True
    return False
