"""What is wrong with a mapping document, each thing with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.sdk.mapping.document import Condition, EventRule, FieldRule, MappingDocument
from adapters.sdk.mapping.target import Form, NoSuchPlace, Target, target_of
from adapters.sdk.mapping.value import DIRECTIVES
from contracts.catalogue import CATALOGUE
from contracts.coded import Unmapped
from contracts.vocabulary.library import Library


@dataclass(frozen=True)
class MappingFault:
    """One thing wrong with a mapping document: where (RFC 6901 pointer), and what to do."""

    pointer: str
    message: str


_TIMED = frozenset({Form.DAY, Form.INSTANT})
_FITTING: dict[str, tuple[frozenset[Form], str]] = {
    "format": (_TIMED, "a format is for days and moments"),
    "time_of_day": (frozenset({Form.INSTANT}), "a time of day is for moments"),
    "prefix": (frozenset({Form.TEXT, Form.NARRATIVE}), "a prefix is for texts and accounts"),
    "otherwise": (frozenset({Form.FLAG}), "only a flag has another side: a code is never guessed"),
    "contains": (frozenset({Form.NARRATIVE}), "only an account says what it contains"),
    "basis": (frozenset({Form.NARRATIVE}), "only an account has a basis"),
}


def faults_in(document: MappingDocument, library: Library) -> Iterator[MappingFault]:
    """Yield every fault of a document whose form is right."""
    zone = _zone(document)
    if document.zone is not None and zone is None:
        yield MappingFault("/zone", "there is no such time zone: write one such as Europe/London")
    for place, rule in enumerate(document.pass_over):
        yield from _conditions(rule.when, f"/pass_over/{place}")
    seen = document.columns() & document.ignored.keys()
    if seen:
        yield MappingFault("/ignored", "a column that the mapping reads is listed as ignored: take it out of one place")
    for place, event in enumerate(document.events):
        yield from _conditions(event.when, f"/events/{place}")
        contract = CATALOGUE.get(event.type)
        if contract is None or contract.derived:
            yield MappingFault(f"/events/{place}/type", "there is no such event type that an agency publishes")
        else:
            yield from _fields(event, f"/events/{place}", library, has_zone=zone is not None)


def _zone(document: MappingDocument) -> ZoneInfo | None:
    try:
        return None if document.zone is None else ZoneInfo(document.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _conditions(when: tuple[Condition, ...], pointer: str) -> Iterator[MappingFault]:
    for place, one in enumerate(when):
        if (one.is_ is None) is (one.filled is None):
            yield MappingFault(f"{pointer}/when/{place}", "give either is, with the texts, or filled")


def _fields(event: EventRule, pointer: str, library: Library, *, has_zone: bool) -> Iterator[MappingFault]:
    filled: set[tuple[str | int, ...]] = set()
    for place, rule in enumerate(event.fields):
        at = f"{pointer}/fields/{place}"
        if (rule.column is None) is ("constant" not in rule.model_fields_set):
            yield MappingFault(at, "give either column or constant")
        try:
            target = target_of(event.type, rule.to, library)
        except NoSuchPlace as error:
            yield MappingFault(f"{at}/to", str(error))
            continue
        if target.steps in filled:
            yield MappingFault(f"{at}/to", "another rule fills this field already")
        filled.add(target.steps)
        yield from _fitting(rule, target, at)
        yield from _codes(rule, target, at)
        if rule.column is not None and target.form in _TIMED:
            yield from _written(rule, target.form, at, has_zone=has_zone)


def _fitting(rule: FieldRule, target: Target, at: str) -> Iterator[MappingFault]:
    for name, (forms, message) in _FITTING.items():
        if getattr(rule, name) is not None and target.form not in forms:
            yield MappingFault(f"{at}/{name}", message)
    if rule.codes is not None and target.form is Form.NARRATIVE:
        yield MappingFault(f"{at}/codes", "an account has no codes")
    if rule.column is not None and target.form is Form.FLAG and rule.codes is None:
        yield MappingFault(at, 'say which texts mean true and false: "codes": {"Y": true, "N": false}')


def _codes(rule: FieldRule, target: Target, at: str) -> Iterator[MappingFault]:
    codes = rule.codes or {}
    if rule.ignore_case and len({word.casefold() for word in codes}) < len(codes):
        yield MappingFault(f"{at}/codes", "two words are the same when case is ignored")
    for word, code in codes.items():
        if word != word.strip() or not word:
            yield MappingFault(f"{at}/codes", "texts are trimmed before they are looked up: so must the words be")
        if code is not None and not _fits(code, target):
            yield MappingFault(f"{at}/codes", _asked(target))
    if rule.column is None and target.form in (Form.CODE, Form.FLAG) and not _fits(rule.constant, target):
        yield MappingFault(f"{at}/constant", _asked(target))


def _fits(code: object, target: Target) -> bool:
    if target.form is Form.CODE:
        own_text = target.takes_unmapped and isinstance(code, dict) and code.keys() == Unmapped.model_fields.keys()
        return own_text or (isinstance(code, str) and code in target.codes)
    if target.form is Form.FLAG:
        return isinstance(code, bool)
    if target.form in (Form.INTEGER, Form.NUMBER):
        return isinstance(code, int | float) and not isinstance(code, bool)
    return isinstance(code, str)


def _asked(target: Target) -> str:
    if target.form is Form.CODE:
        return f"the field takes one of {', '.join(sorted(target.codes))}"
    return "the field takes true or false" if target.form is Form.FLAG else f"the field takes a {target.form}"


def _written(rule: FieldRule, form: Form, at: str, *, has_zone: bool) -> Iterator[MappingFault]:
    directives = "" if rule.format is None else rule.format.replace("%%", "")
    letters = [after[:1] for after in directives.split("%")[1:]]
    if rule.format is not None and not (set(letters) <= DIRECTIVES and {"d", "m", "Y"} <= set(letters)):
        yield MappingFault(f"{at}/format", "write the format with %d %m %Y and, where they are there, %H %M %S %z")
    elif form is Form.INSTANT and rule.format is not None:
        if ("H" in letters) is (rule.time_of_day is not None):
            message = "a day is no moment: give time_of_day, which is reported as assumed, or map the day to a text"
            yield MappingFault(at, "the format has a time already" if "H" in letters else message)
        if "z" not in letters and not has_zone:
            yield MappingFault(at, "these are local times: give the document its zone")
