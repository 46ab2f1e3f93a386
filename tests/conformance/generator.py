"""Events made from a JSON Schema at random, and then spoiled: a hundred thousand in the time of a tea break.

A generator of test cases that also shrinks them takes a thousand times as long, and has its place beside this one.
"""

import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from tests.conformance.patterns import text_of

Make = Callable[[random.Random, float], Any]
"""Makes a value of one schema; the number says how likely an optional member is."""

POOL = 40
"""Texts that are made of each pattern, once."""
KNOWN = 0.8
"""How often a text comes from the examples where they have one that fits: made ones fail their check digits."""
WORDS = ("a", "Robin Example", "Zoë", "x y", "😀", "سلام", "line\nfeed", "bus station", "0", "true", " ")


class Generator:
    """Events of one type, from its schema; `samples` are texts of valid events."""

    def __init__(self, schema: dict[str, Any], samples: tuple[str, ...]) -> None:
        self._definitions: dict[str, Any] = schema["$defs"]
        self._samples = samples
        self._made: dict[str, Make] = {}
        self._rng = random.Random(schema["$id"])  # noqa: S311 (to be made again, not to be secret)
        self._make = self._of({name: value for name, value in schema.items() if name != "$defs"})

    def event(self, rng: random.Random) -> dict[str, Any]:
        """Return an event that the schema accepts, as far as a generator can see to it."""
        made: dict[str, Any] = self._make(rng, rng.choice((0.05, 0.3, 0.6, 0.95)))
        return made

    def _of(self, schema: dict[str, Any]) -> Make:
        if "$ref" in schema:
            return self._referred(schema["$ref"].removeprefix("#/$defs/"))
        if "const" in schema:
            return lambda _rng, _full: schema["const"]
        if "enum" in schema:
            return lambda rng, _full: rng.choice(schema["enum"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                beside = {name: value for name, value in schema.items() if name != union}
                options = [self._of(beside | option) for option in schema[union]]
                return lambda rng, full: (options[0] if rng.random() < KNOWN else rng.choice(options))(rng, full)
        kind = schema.get("type")
        if isinstance(kind, list):
            options = [self._of({**schema, "type": one}) for one in kind]
            return lambda rng, full: rng.choice(options)(rng, full)
        makers: dict[Any, Callable[[dict[str, Any]], Make]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": lambda _schema: lambda rng, _full: rng.random() < 0.5,
            "null": lambda _schema: lambda _rng, _full: None,
        }
        return makers[kind](schema)

    def _referred(self, name: str) -> Make:
        def later(rng: random.Random, full: float) -> Any:
            if name not in self._made:
                self._made[name] = self._of(self._definitions[name])
            return self._made[name](rng, full)

        return later

    def _object(self, schema: dict[str, Any]) -> Make:
        needed = set(schema.get("required", ()))
        members = [(name, name in needed, self._of(inner)) for name, inner in schema.get("properties", {}).items()]
        more = schema.get("additionalProperties")
        other = self._of({"type": more["type"]}) if isinstance(more, dict) and "type" in more else None

        def make(rng: random.Random, full: float) -> dict[str, Any]:
            made = {name: inner(rng, full) for name, always, inner in members if always or rng.random() < full}
            if other is not None and rng.random() < 0.2:
                made[rng.choice(("odd", "x1", "traceparent", "a" * 20))] = other(rng, full)
            return made

        return make

    def _array(self, schema: dict[str, Any]) -> Make:
        item, least = self._of(schema["items"]), schema.get("minItems", 0)
        most = min(schema.get("maxItems", 3), max(least, 3))
        return lambda rng, full: [item(rng, full * 0.7) for _ in range(rng.randint(least, most))]

    def _string(self, schema: dict[str, Any]) -> Make:
        least, most = schema.get("minLength", 0), schema.get("maxLength", 60)
        if "pattern" in schema and "format" not in schema:
            return self._written(schema["pattern"])
        if "pattern" in schema:
            return self._written(schema["pattern"], known=0.95)

        def make(rng: random.Random, _full: float) -> str:
            text = rng.choice(WORDS)
            chance = rng.random()
            if chance < 0.04:
                return (text * most)[:most]
            return text[:most] if len(text) >= least else text * least

        return make

    def _written(self, pattern: str, known: float = KNOWN) -> Make:
        fits = re.compile(pattern)
        samples = sorted({text for text in self._samples if fits.search(text)})
        pool = [text_of(pattern, self._rng) for _ in range(POOL)]
        return lambda rng, _full: rng.choice(samples if samples and rng.random() < known else pool)

    def _integer(self, schema: dict[str, Any]) -> Make:
        least, most = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)
        return lambda rng, _full: rng.choice((least, most, rng.randint(least, most)))

    def _number(self, schema: dict[str, Any]) -> Make:
        least, most = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
        return lambda rng, _full: rng.choice((least, most, 0, round(rng.uniform(least, most), 6)))


ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3, 4, 2.0, 0.5, -0.0, 1e300, 2**31, 2**53, -(2**63), 2**70, float("inf")),
    *("", " ", "\n", "\u0000", "x" * 101, "x" * 201, "x" * 2001, "x" * 8001, "😀" * 200, "1", "true"),
    *("2026-11-22", "2026-11-22T21:40:00", "2026-02-30T00:00:00Z", "2026-11-22T21:40:00.5+01:00", "2026-02-30"),
    *("20261122", "1795383600", "2026-11-22t21:40:00z", "1899-12-31T23:59:59Z", "2099-12-31T23:59:59-01:00"),
    *("2026-11-22T24:00:00Z", "2026-11-22T21:40:60Z", "2026-11-22 21:40:00Z", "2026-11-22T21:40:00+24:00"),
    *("9434765918", "9434765919", "ZZ9 9ZZ", "zz99zz", "harbour-house", "Harbour House", "E06000999", "e06000999"),
    *("episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX", "child/EX-1", "application/JSON ; x=y", "/hub", "//h/agencies/a"),
    *("-agency:a  -field:b.c[].*", "-agency:A", "01jd6qk3z8t0v5w2n4y6b8c0d1", "concordat.a.b.v1", "high", "england"),
    *([], {}, [[]], [None], ["identity"], ["identity", "gossip"], [1], {"text": "x"}, {"text": "", "contains": []}),
    *(
        {"unmapped": "amber"},
        {"unmapped": ""},
        {"unmapped": None},
        {"text": "x", "contains": ["health"], "basis": "fact"},
    ),
    *({"words": "x"}, {"point": {"latitude": 90, "longitude": -180}}, {"point": {"latitude": 91, "longitude": 0}}),
)
NAMES = ("extra", "Extra", "data_base64", "time", "note", "text", "contains", "unmapped", "a b", "", "é", "x" * 21)


def spoil(document: dict[str, Any], rng: random.Random) -> None:
    """Change one thing somewhere in a document: it may well stay valid."""
    holder, last = rng.choice(list(_spots(document)))
    value = holder[last]
    chance = rng.random()
    if chance < 0.2:
        del holder[last]
    elif chance < 0.35 and isinstance(holder, dict):
        holder[rng.choice(NAMES)] = deepcopy(rng.choice(ODD))
    elif chance < 0.5 and isinstance(value, str):
        holder[last] = _misspelt(value, rng)
    elif chance < 0.6 and isinstance(value, list) and value:
        value.extend(deepcopy(value[0]) for _ in range(rng.choice((1, 60, 600))))
    else:
        holder[last] = deepcopy(rng.choice(ODD))


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document as what holds it and its name or number there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in inside:
        yield value, name
        if isinstance(inner, dict | list):
            yield from _spots(inner)


def _misspelt(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return rng.choice(
        (
            text[:place] + text[place + 1 :],
            text[:place] + rng.choice("0aZ -é\n😀") + text[place:],
            text.upper(),
            text.lower(),
            f"{text}\n",
            f" {text}",
            text * 2,
        )
    )
