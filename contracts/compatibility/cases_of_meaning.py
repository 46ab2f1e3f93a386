"""The hard cases that no schema shows: categories, whereabouts, whose data, kinds, publishers, what a contract is."""

from typing import Any

from contracts.compatibility.cases import Case, D, P, R, Sketch, case

_TEXT = {"type": "string"}
_PLACE = {"type": "object", "properties": {"words": _TEXT}, "additionalProperties": False}
_FINER = {"type": "object", "properties": {"words": _TEXT, "square": _TEXT}, "additionalProperties": False}


def _marked(**marks: Any) -> Sketch:
    return Sketch(marks=marks)


def _with(**attributes: Any) -> Sketch:
    return Sketch(attributes=attributes)


def _by(*roles: str, confirmed: bool = False) -> Sketch:
    return _with(publishers={"roles": list(roles), "confirmed": confirmed})


def _standing(status: str, since: str | None = None, successor: str | None = None) -> Sketch:
    return _with(lifecycle={"status": status, "since": since, "successor": successor})


_DEPRECATED = _standing("deprecated", "2027-04-01", "concordat.case.made.v2")

MEANING: tuple[Case, ...] = (
    case(
        "a field's category is lowered (health → operational)",
        _marked(categories=["health"]),
        _marked(categories=["operational"]),
        "clauses that permit operational data release it, and those that forbid health data miss it",
        D,
    ),
    case(
        "a field's category is raised (operational → health)",
        _marked(categories=["operational"]),
        _marked(categories=["health"]),
        "categories are no ladder: whoever may have health data but no operational data gets it",
        D,
    ),
    case("a field loses its category", _marked(), _marked(categories=[]), "no clause could speak of what it is", D),
    case(
        "a field gets a category that does not exist",
        _marked(),
        _marked(categories=["harmless"]),
        "no clause could speak of what it is",
        D,
    ),
    case(
        "a field is marked as betraying whereabouts",
        _marked(),
        _marked(whereabouts=True),
        "it is withheld from more, and only where whereabouts are protected: a narrowing",
    ),
    case(
        "the whereabouts mark is dropped",
        _marked(whereabouts=True),
        _marked(),
        "a hidden child's place could be inferred from what is released",
        D,
    ),
    case(
        "a field is found to be a third party's data",
        _marked(),
        _marked(whose="third_party"),
        "an access request gives less of it away",
    ),
    case(
        "a third party's field becomes the child's",
        _marked(whose="third_party"),
        _marked(),
        "an access request would hand out somebody else's data",
        D,
    ),
    case(
        "a professional's field becomes the child's",
        _marked(whose="professional"),
        _marked(),
        "an access request would hand it out as the child's",
        D,
    ),
    case(
        "an account becomes bare text of the same length",
        _marked(kind="narrative"),
        _marked(kind="text"),
        "unmarked, an account counted as every category; as text it counts as one",
        D,
    ),
    case(
        "text becomes a name",
        _marked(kind="text"),
        _marked(kind="name"),
        "a limit to initials withheld it as text, and releases initials of it as a name",
        D,
    ),
    case(
        "a value that is released as a whole gets a further part",
        Sketch(_PLACE, marks={"kind": "place"}),
        Sketch(_FINER, marks={"kind": "place"}),
        "the part goes out with the whole, under clauses that were signed without it",
        D,
    ),
    case(
        "a role may publish no longer",
        _by("health", "education"),
        _by("health"),
        "its events are refused",
        P,
    ),
    case(
        "a role may publish too, where a claimed part is enough",
        _by("health"),
        _by("health", "education"),
        "a report of facts may come from more who know them; each is named as its source",
    ),
    case(
        "a role may decide too, where a part must be confirmed",
        _by("owning_force", confirmed=True),
        _by("owning_force", "charity", confirmed=True),
        "readers act on a decision because of who may make it",
        R,
    ),
    case("publishing is limited to roles", _by(), _by("health"), "all others are refused", P),
    case(
        "publishing is opened to everybody",
        _by("health"),
        _by(),
        "also those without a part in the episode could say it",
        R,
    ),
    case(
        "a part must be confirmed",
        _by("health"),
        _by("health", confirmed=True),
        "those whose part is only claimed are refused",
        P,
    ),
    case(
        "a part need no longer be confirmed",
        _by("health", confirmed=True),
        _by("health"),
        "a decision could come from an agency that only says that it has a part",
        R,
    ),
    case(
        "agencies that are not told need no longer be rung",
        _with(ring=True),
        _with(ring=False),
        "a publisher relies on being told whom to ring",
        P,
    ),
    case(
        "agencies that are not told must be rung",
        _with(ring=False),
        _with(ring=True),
        "a receipt asks for more, and refuses nothing",
    ),
    case(
        "the subject changes from an episode to a child",
        _with(about_child=False),
        _with(about_child=True),
        "the subject that is sent is refused, and readers cannot file it",
        P,
        R,
    ),
    case("only the hub may publish it", _with(), _with(derived=True), "agencies are refused", P),
    case(
        "agencies may publish what only the hub did",
        _with(derived=True),
        _with(),
        "an agency's word would be taken for the hub's",
        R,
    ),
    case(
        "purpose, stage or steward change",
        _with(),
        _with(purpose="Test, said better.", stage="search", owner="health_contracts_board"),
        "nothing is sent, read or released otherwise",
    ),
    case("an active type is deprecated", _with(), _DEPRECATED, "it is accepted and converted as before"),
    case(
        "a deprecated type is withdrawn",
        _DEPRECATED,
        _standing("withdrawn", "2028-04-01"),
        "it was announced: its publishers had a release's time to change",
    ),
    case(
        "an active type is withdrawn at once",
        _with(),
        _standing("withdrawn", "2027-04-01"),
        "its publishers are refused without notice",
        P,
    ),
    case(
        "a withdrawn type comes back",
        _standing("withdrawn", "2027-04-01"),
        _with(),
        "readers were told that it never comes again",
        R,
    ),
    case("a type in use becomes a draft", _with(), _standing("draft"), "a hub accepts no drafts", P),
)
