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
_FRACTION = re.compile(rb'(?:":|[\[,])-?[0-9]+[.eE]')
"""A number to be written as ECMAScript writes fractions. Text that holds the like goes the slow way too."""
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
    if _FRACTION.search(text) or isinstance(value, float) or not (text.isascii() or _ASTRAL.search(text) is None):
        return canonical(value)
    return text


def composed_bytes(value: Mapping[str, object]) -> bytes:
    """Return the RFC 8785 bytes of an object of the hub's own making.

    Its names and text are printable ASCII, its numbers whole and below 2^53; what is not has been written before, and
    is given as an `orjson.Fragment`.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
