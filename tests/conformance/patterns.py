"""Texts that a regular expression of the schemas matches, made at random."""

import random
from re import _constants as code  # the standard library's own parser of expressions, which has no public name
from re import _parser
from typing import Any

MOST = 6
"""Repetitions of what may be repeated without end, or far more often."""


def text_of(pattern: str, rng: random.Random) -> str:
    """Return a text that the pattern matches; ValueError for a construct that no contract uses."""
    return _sequence(_parser.parse(pattern), rng)


def _sequence(parts: Any, rng: random.Random) -> str:
    return "".join(_part(kind, what, rng) for kind, what in parts)


def _part(kind: Any, what: Any, rng: random.Random) -> str:  # noqa: PLR0911 (one for each construct)
    if kind is code.LITERAL:
        return chr(what)
    if kind is code.AT:
        return ""
    if kind is code.IN:
        return _one_of(what, rng)
    if kind is code.ANY:
        return rng.choice("aZ9 é-")
    if kind is code.NOT_LITERAL:
        return "x" if what != ord("x") else "y"
    if kind is code.BRANCH:
        return _sequence(rng.choice(what[1]), rng)
    if kind is code.SUBPATTERN:
        return _sequence(what[3], rng)
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, inner = what
        return "".join(_sequence(inner, rng) for _ in range(rng.randint(least, max(least, min(int(most), MOST)))))
    if kind in (code.ASSERT, code.ASSERT_NOT):
        return ""  # a text that it rules out is judged by both sides all the same
    raise ValueError(f"no contract uses this construct of a pattern, so that none is made for it: {kind}")


def _one_of(options: Any, rng: random.Random) -> str:
    if options[0][0] is code.NEGATE:
        return rng.choice("aZ9 é-😀")
    kind, what = rng.choice(options)
    if kind is code.LITERAL:
        return chr(what)
    if kind is code.RANGE:
        return chr(rng.randint(*what))
    if kind is code.CATEGORY:
        return rng.choice({code.CATEGORY_DIGIT: "0123456789", code.CATEGORY_SPACE: " "}.get(what, "aZ9"))
    raise ValueError(f"no contract uses this construct of a pattern, so that none is made for it: {kind}")
