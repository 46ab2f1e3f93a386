"""The hard cases of members and lists: required, optional, defaults, added, removed, moved, open and closed."""

from contracts.compatibility.cases import Case, D, P, R, Sketch, both_ways, case

_TEXT = {"type": "string"}
_SENT = "what was valid to send is refused"
_READ = "a reader meets what it was never told of"
_LIST = {"type": "array", "items": _TEXT}
_CHILD = {"type": "object", "properties": {"name": _TEXT}, "additionalProperties": False}
_LOOSE = {"type": "object", "properties": {"name": _TEXT}}
_TREE = {"type": "object", "properties": {"below": {"$ref": "#/$defs/Tree"}}, "additionalProperties": False}

MEMBERS: tuple[Case, ...] = (
    case(
        "an optional field is added",
        Sketch(),
        Sketch(more={"note": _TEXT}),
        "readers leave out what they do not know, and no permit of a protocol signed earlier reaches the field",
    ),
    case(
        "a required field is added",
        Sketch(more={"note": _TEXT}),
        Sketch(required=True, name="added", more={"note": _TEXT, "value": _TEXT}),
        "publishers do not send it yet",
        P,
        publisher={"note": "n"},
    ),
    case(
        "a field is taken away",
        Sketch(more={"note": _TEXT}),
        Sketch(),
        "publishers that send it are refused, and readers wait for it in vain",
        P,
        R,
        publisher={"note": "n"},
    ),
    case(
        "a field is renamed",
        Sketch(),
        Sketch(name="worth"),
        "as if taken away; and clauses that limit or forbid it by its path miss it under the new one",
        P,
        R,
        D,
        publisher={"value": "v"},
    ),
    case(
        "an optional field becomes required",
        Sketch(),
        Sketch(required=True),
        "publishers that leave it out are refused",
        P,
        publisher={},
    ),
    case(
        "a required field becomes optional",
        Sketch(required=True),
        Sketch(),
        "a reader to whom it is always released relies on it",
        R,
        recipient={},
    ),
    case(
        "a required field becomes optional with a default",
        Sketch(required=True),
        Sketch(default="x"),
        "the default is in the contract and not in the message: the reader meets its absence",
        R,
        recipient={},
    ),
    case(
        "a default is added",
        Sketch(),
        Sketch(default="x"),
        "silence is made to speak: those who left the field out said nothing by it",
        P,
        R,
    ),
    case("a default changes", Sketch(default="x"), Sketch(default="y"), "silence would say something else", P, R),
    case("a default is taken away", Sketch(default="x"), Sketch(), "silence would say nothing any more", P, R),
    *both_ways(
        ("a list may be shorter", "a list must be longer"),
        _LIST | {"minItems": 1},
        _LIST,
        (_READ, _SENT),
        [],
    ),
    *both_ways(
        ("a list may be longer", "a list must be shorter"),
        _LIST | {"maxItems": 1},
        _LIST | {"maxItems": 2},
        (_READ, _SENT),
        ["a", "b"],
    ),
    *both_ways(
        ("an item may stand twice", "an item may stand only once"),
        _LIST | {"uniqueItems": True},
        _LIST,
        (_READ, _SENT),
        ["a", "a"],
    ),
    *both_ways(
        ("items are widened", "items are narrowed"),
        _LIST,
        {"type": "array", "items": {"type": ["string", "integer"]}},
        (_READ, _SENT),
        [1],
    ),
    case(
        "an open object is closed",
        Sketch(_LOOSE),
        Sketch(_CHILD),
        "members that were let through are refused",
        P,
        publisher={"value": {"age": 1}},
    ),
    case(
        "a closed object is opened",
        Sketch(_CHILD),
        Sketch(_LOOSE),
        "members come in of which nobody has said what kind of information they are",
        D,
    ),
    case(
        "the form of members' names is fixed",
        Sketch({"type": "object", "additionalProperties": _TEXT}),
        Sketch({"type": "object", "additionalProperties": _TEXT, "propertyNames": {"pattern": "^[a-z]+$"}}),
        _SENT,
        P,
        publisher={"value": {"A": "x"}},
    ),
    case(
        "what other members may hold is widened",
        Sketch({"type": "object", "additionalProperties": _TEXT}),
        Sketch({"type": "object", "additionalProperties": {"type": ["string", "integer"]}}),
        _READ,
        R,
        recipient={"value": {"a": 1}},
    ),
    case(
        "an object moves into a shared definition, or out of it",
        Sketch({"$ref": "#/$defs/Child"}, definitions={"Child": _CHILD}),
        Sketch(_CHILD),
        "the values are the same, wherever they are written",
    ),
    case(
        "a definition comes to contain itself",
        Sketch({"$ref": "#/$defs/Tree"}, definitions={"Tree": _TREE | {"properties": {}}}),
        Sketch({"$ref": "#/$defs/Tree"}, definitions={"Tree": _TREE}),
        "the gate does not follow it: what it does not judge fails",
        P,
        R,
    ),
    case(
        "only descriptions, titles and examples change",
        Sketch({"type": "string", "description": "What it is."}),
        Sketch({"type": "string", "title": "Value", "description": "What it is, said better.", "examples": ["a"]}),
        "no value becomes valid or invalid; whether the meaning stays is for the steward to say",
    ),
)
