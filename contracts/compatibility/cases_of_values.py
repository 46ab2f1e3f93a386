"""The hard cases of what a value may be: code lists, texts, numbers, null, alternatives."""

from contracts.compatibility.cases import Case, P, R, Sketch, both_ways, case

_TEXT = {"type": "string"}
_SENT = "what was valid to send is refused"
_READ = "a reader meets what it was never told of"
_A, _B = {"const": "a"}, {"const": "b"}
_POINT = {
    "type": "object",
    "properties": {"form": {"const": "point"}, "north": {"type": "number"}},
    "required": ["form"],
}
_WORDS = {"type": "object", "properties": {"form": {"const": "words"}, "text": _TEXT}, "required": ["form"]}

VALUES: tuple[Case, ...] = (
    *both_ways(
        ("a code is added to a list", "a code is taken from a list"),
        {"enum": ["low", "high"]},
        {"enum": ["low", "high", "very_high"]},
        ("a reader that decides by code has no branch for the added one: what looks additive is not", _SENT),
        "very_high",
    ),
    case(
        "a list of codes is put in another order",
        Sketch({"enum": ["low", "high"]}),
        Sketch({"enum": ["high", "low"]}),
        "a list of codes is a set",
    ),
    case(
        "a list of codes moves into a shared definition",
        Sketch({"enum": ["low", "high"]}),
        Sketch({"$ref": "#/$defs/Level"}, definitions={"Level": {"enum": ["low", "high"]}}),
        "the values are the same, wherever they are written",
    ),
    *both_ways(
        ("a code becomes free text", "free text becomes a code"),
        {"type": "string", "enum": ["low", "high"]},
        _TEXT,
        (_READ, _SENT),
        "somewhat",
    ),
    case(
        "a constant changes",
        Sketch(_A),
        Sketch(_B),
        "each side knows only its own",
        P,
        R,
        publisher={"value": "a"},
        recipient={"value": "b"},
    ),
    *both_ways(
        ("a constant becomes one code of several", "one code of several becomes the constant"),
        _A,
        {"enum": ["a", "b"]},
        (_READ, _SENT),
        "b",
    ),
    *both_ways(
        ("a pattern is taken away", "a pattern is added"),
        {"type": "string", "pattern": "^[0-9]+$"},
        _TEXT,
        (_READ, _SENT),
        "x",
    ),
    case(
        "a pattern is written otherwise, though it may mean the same",
        Sketch({"type": "string", "pattern": "^[0-9]+$"}),
        Sketch({"type": "string", "pattern": "^[0-9]{1,}$"}),
        "whether two patterns mean the same is not decided: what is not certain fails",
        P,
        R,
    ),
    *both_ways(
        ("a format is taken away", "a format is added"),
        {"type": "string", "format": "date"},
        _TEXT,
        ("readers parse by it, whether or not validators do", "the hub reads by it"),
        "soon",
    ),
    *both_ways(
        ("a text may be shorter", "a text must be longer"),
        {"type": "string", "minLength": 3},
        {"type": "string", "minLength": 1},
        (_READ, _SENT),
        "ab",
    ),
    *both_ways(
        ("a text may be longer", "a text must be shorter"),
        {"type": "string", "maxLength": 3},
        {"type": "string", "maxLength": 5},
        ("a reader's column cuts it off, or its system refuses the event", _SENT),
        "abcd",
    ),
    *both_ways(
        ("a range is widened downwards", "a range is narrowed from below"),
        {"type": "integer", "minimum": 1},
        {"type": "integer", "minimum": 0},
        (_READ, _SENT),
        0,
    ),
    *both_ways(
        ("a range is widened upwards", "a range is narrowed from above"),
        {"type": "integer", "maximum": 3},
        {"type": "integer", "maximum": 4},
        (_READ, _SENT),
        4,
    ),
    *both_ways(
        ("the end of a range is let in", "the end of a range is shut out"),
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
        {"type": "number", "minimum": 0, "maximum": 9},
        (_READ, _SENT),
        0,
    ),
    *both_ways(
        ("steps are made finer", "steps are made coarser"),
        {"type": "integer", "multipleOf": 10},
        {"type": "integer", "multipleOf": 5},
        (_READ, _SENT),
        5,
    ),
    *both_ways(
        ("whole numbers become numbers", "numbers become whole numbers"),
        {"type": "integer"},
        {"type": "number"},
        ("a reader of whole numbers cannot hold a fraction", _SENT),
        1.5,
    ),
    case(
        "the type changes",
        Sketch(_TEXT),
        Sketch({"type": "integer"}),
        "neither can read the other",
        P,
        R,
        publisher={"value": "1"},
        recipient={"value": 1},
    ),
    *both_ways(
        ("null is allowed", "null is no longer allowed"),
        _TEXT,
        {"anyOf": [_TEXT, {"type": "null"}]},
        ("a reader of text meets null", _SENT),
        None,
    ),
    case(
        "null is allowed by a list of types instead of an alternative",
        Sketch({"anyOf": [_TEXT, {"type": "null"}]}),
        Sketch({"type": ["string", "null"]}),
        "the values are the same",
    ),
    *both_ways(
        ("an alternative is added (anyOf)", "an alternative is taken away (anyOf)"),
        {"anyOf": [_TEXT]},
        {"anyOf": [_TEXT, {"type": "integer"}]},
        (_READ, _SENT),
        1,
    ),
    *both_ways(
        ("an alternative is added (oneOf)", "an alternative is taken away (oneOf)"),
        {"oneOf": [_POINT]},
        {"oneOf": [_POINT, _WORDS]},
        (_READ, _SENT),
        {"form": "words"},
    ),
    case(
        "alternatives that a member tells apart become exclusive (anyOf → oneOf)",
        Sketch({"anyOf": [_POINT, _WORDS]}),
        Sketch({"oneOf": [_WORDS, _POINT]}),
        "no value has both forms, so it is the same; order does not count",
    ),
    case(
        "alternatives that overlap become exclusive (anyOf → oneOf)",
        Sketch({"anyOf": [_TEXT, {"enum": ["a", "b"]}]}),
        Sketch({"oneOf": [_TEXT, {"enum": ["a", "b"]}]}),
        "a value that has both forms is refused",
        P,
        publisher={"value": "a"},
    ),
    case(
        "an alternative is added that refuses by its presence (oneOf)",
        Sketch({"oneOf": [_TEXT]}),
        Sketch({"oneOf": [_TEXT, {"type": "string", "maxLength": 1}]}),
        "an added branch of oneOf can take values away: those that had the first form alone now have two",
        P,
        publisher={"value": "a"},
    ),
    case(
        "conditions appear (`not`, `if`)",
        Sketch(_TEXT),
        Sketch({"type": "string", "not": {"const": "x"}}),
        "the gate does not judge them: what it does not judge fails",
        P,
        R,
        publisher={"value": "x"},
    ),
)
