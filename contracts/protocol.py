"""The data-sharing protocol document: who may be told what, under which clause, purpose and legal basis.

The document is written in YAML, but what is signed and fingerprinted is its content: RFC 8785 canonical JSON of the
parsed document without `signatures`. This module holds the shape of that content and its signatures; it reads no YAML.
"""

import base64
import binascii
import calendar
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.categories import Category
from contracts.vocabulary import EpisodeStatus, HandoverStage, Jurisdiction, RiskLevel, Role, Standing

OWN_RECORD = "own-record@1"
"""Named as the protocol where a derived event goes back to the agency whose own event caused it."""


def _written(pattern: str, instruction: str) -> AfterValidator:
    """Refuse text that does not match, with an instruction in place of a regular expression."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(instruction)
        return text

    return AfterValidator(check)


def _whole_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise ValueError("write a day as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("the calendar has no such day: write a day as YYYY-MM-DD") from None


_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>[0-9]{1,3})Y)?(?:(?P<months>[0-9]{1,3})M)?(?:(?P<weeks>[0-9]{1,3})W)?(?:(?P<days>[0-9]{1,4})D)?"
    r"(?:T(?P<hours>[0-9]{1,4})H)?"
)

Slug = Annotated[
    str, _written(r"[a-z0-9]+(-[a-z0-9]+)*", "write a short name in lower case, with hyphens between its words")
]
ClassName = Annotated[str, _written(r"[a-z][a-z0-9_]{0,62}", "write a class in lower case, such as childrens_homes")]
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]
WholeDay = Annotated[date, BeforeValidator(_whole_day)]
Duration = Annotated[
    str, _written(_DURATION.pattern, "write an ISO 8601 duration of years, months, weeks, days or hours, such as P30D")
]
EventPattern = Annotated[
    str,
    _written(
        r"concordat\.(?:[a-z_]+\.[a-z_]+\.v[1-9][0-9]*|[a-z0-9_.]*\*)",
        "write an event type, such as concordat.risk.changed.v1, or its beginning with a * at the end",
    ),
]
FieldSelector = Annotated[
    str,
    _written(
        r"[a-z][a-z0-9_]*(?:\[\])?(?:\.[a-z][a-z0-9_]*(?:\[\])?)*(?:\.\*\*?)?",
        "write a contract path: a.b, or a.* for one level, or a.** for all below, or items[].name in a list",
    ),
]


class Transform(StrEnum):
    """What may be released in place of a value. A closed set; what applies to what is ordered by the sharing core."""

    MASK = "mask"
    """A fixed text."""
    YEAR = "year"
    AGE_BAND = "age_band"
    HOUR = "hour"
    OUTWARD_POSTCODE = "outward_postcode"
    COARSE_LOCATION = "coarse_location"
    INITIALS = "initials"
    PSEUDONYM = "pseudonym"
    """Keyed by recipient, protocol, field and epoch."""


class Regime(StrEnum):
    """The data protection law that one side acts under."""

    UK_GDPR = "uk_gdpr"
    PART3 = "part3"
    """DPA 2018 Part 3: processing by competent authorities for law enforcement."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _exactly_one(**values: object) -> None:
    if sum(value is not None for value in values.values()) != 1:
        raise ValueError(f"write exactly one of: {', '.join(values)}")


class Party(_Part):
    """`{ agency: <id> }` or `{ class: <class of agencies> }`."""

    agency: Slug | None = None
    party_class: ClassName | None = Field(None, alias="class")

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(**{"agency": self.agency, "class": self.party_class})
        return self


class Recipients(_Part):
    """Whom a clause is about: `{ role: … }`, `{ agency: … }` or `{ class: … }`."""

    role: Role | None = None
    agency: Slug | None = None
    party_class: ClassName | None = Field(None, alias="class")

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(**{"role": self.role, "agency": self.agency, "class": self.party_class})
        return self


class InForce(_Part):
    """Whole days in Europe/London, both inclusive."""

    starts: WholeDay = Field(alias="from")
    until: WholeDay
    review_by: WholeDay | None = None

    def covers(self, day: date) -> bool:
        """Say whether the protocol is in force on this London day."""
        return self.starts <= day <= self.until


class LegalBasis(_Part):
    """Provisions that each side relies on, as citations."""

    discloser: tuple[Sentence, ...] = Field(min_length=1)
    recipient: tuple[Sentence, ...] = Field(min_length=1)


class Purpose(_Part):
    """What the information is shared for."""

    description: Sentence
    legal_basis: LegalBasis


class Retention(_Part):
    """How long the hub keeps payloads: ISO 8601 durations."""

    mailbox: Duration
    episode: Duration


class RegimePair(_Part):
    """The regime of each side."""

    discloser: Regime
    recipient: Regime


class HoursSinceLastSeen(_Part):
    """Elapsed hours since the last sighting: `at_least` inclusive, `less_than` exclusive."""

    at_least: Annotated[int, Field(ge=0)] | None = None
    less_than: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.at_least is None and self.less_than is None:
            raise ValueError("write at_least, less_than or both")
        if self.at_least is not None and self.less_than is not None and self.at_least >= self.less_than:
            raise ValueError("at_least must be smaller than less_than, or the clause never applies")
        return self


class When(_Part):
    """Conditions on the facts of an episode, all of which must hold. A fact that is not known never holds."""

    episode: tuple[EpisodeStatus, ...] | None = Field(None, min_length=1)
    risk_at_least: RiskLevel | None = None
    intervention_level: tuple[Annotated[int, Field(ge=1, le=3)], ...] | None = Field(None, min_length=1)
    jurisdiction: tuple[Jurisdiction, ...] | None = Field(None, min_length=1)
    hours_since_last_seen: HoursSinceLastSeen | None = None
    handover: tuple[HandoverStage, ...] | None = Field(None, min_length=1)
    recipient_is: tuple[Standing, ...] | None = Field(None, min_length=1)


class Rule(_Part):
    """What a rule selects: contract paths or data categories, never both."""

    fields: tuple[FieldSelector, ...] | None = Field(None, min_length=1)
    categories: tuple[Category, ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(fields=self.fields, categories=self.categories)
        return self


class Permit(Rule):
    """Releases what it selects, transformed if it says so."""

    transform: Transform | None = None


class Limit(Rule):
    """Caps what it selects at a transform: nothing more precise is released, whatever is permitted."""

    transform: Transform


class Forbid(Rule):
    """Withholds what it selects, whatever is permitted. An `absolute` one stands against an emergency release too."""

    because: Sentence | None = None
    absolute: bool = False


class Clause(_Part):
    """One rule of sharing: to whom, of which events, when, and what of them."""

    id: Slug
    purpose: Slug
    regime: RegimePair
    to: Recipients
    events: tuple[EventPattern, ...] = Field(min_length=1)
    when: When | None = None
    permit: tuple[Permit, ...] = ()
    limit: tuple[Limit, ...] = ()
    forbid: tuple[Forbid, ...] = ()
    silent: bool = False
    """Whether the recipient is never told of this clause."""
    because: Sentence | None = None

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if not (self.permit or self.limit or self.forbid):
            raise ValueError("a clause needs at least one permit, limit or forbid")
        return self

    def covers(self, event_type: str) -> bool:
        """Say whether one of the clause's patterns names this event type."""
        return any(
            event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern
            for pattern in self.events
        )


class Signature(_Part):
    """One agency's accession. `key`: the JWK's RFC 7638 thumbprint; `signature`: Ed25519; both unpadded base64url."""

    agency: Slug
    key: str = Field(min_length=1, max_length=100)
    signature: str = Field(min_length=1, max_length=200)


class Protocol(_Part):
    """A data-sharing protocol. Read one with `Protocol.read`, or from YAML text with the hub's document parser."""

    protocol: Slug
    version: int = Field(ge=1)
    title: Sentence
    contracts: int = Field(1, ge=1)
    """The release of the catalogue of contracts that its parties read: no permit reaches what a later one brought."""
    parties: tuple[Party, ...] = Field(min_length=1)
    in_force: InForce
    purposes: dict[Slug, Purpose] = Field(min_length=1)
    retention: Retention
    clauses: tuple[Clause, ...] = Field(min_length=1)
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Check a document of plain JSON values; pydantic's ValidationError names each fault."""
        # JSON mode of strict validation: text stands for days and codes, but a number never for text.
        return cls.model_validate_json(rfc8785.dumps(dict(document)))

    @property
    def reference(self) -> str:
        """`name@version`."""
        return f"{self.protocol}@{self.version}"

    def has_party(self, agency: str, classes: Collection[str]) -> bool:
        """Say whether an agency is a party, by its own name or through one of its classes."""
        return any(party.agency == agency or party.party_class in classes for party in self.parties)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        contradictions = tuple(self._contradictions())
        if contradictions:
            # The places travel in the context, because one validator speaks for many parts of the document.
            raise PydanticCustomError(
                "contradiction", "the parts of the protocol contradict each other", {"at": contradictions}
            )
        return self

    def _contradictions(self) -> list[tuple[tuple[str | int, ...], str]]:
        found: list[tuple[tuple[str | int, ...], str]] = []
        days = self.in_force
        if days.until < days.starts:
            found.append((("in_force", "until"), "until is earlier than from: the protocol would never be in force"))
        if days.review_by is not None and not days.covers(days.review_by):
            found.append((("in_force", "review_by"), "review_by must lie between from and until"))
        seen: set[str] = set()
        for index, clause in enumerate(self.clauses):
            if clause.id in seen:
                found.append((("clauses", index, "id"), "another clause has this id: give each its own"))
            seen.add(clause.id)
            if clause.purpose not in self.purposes:
                found.append((("clauses", index, "purpose"), "this purpose is not among the protocol's purposes"))
        parties = [(party.agency, party.party_class) for party in self.parties]
        found.extend(
            (("parties", index), "this party stands twice: remove one")
            for index, party in enumerate(parties)
            if party in parties[:index]
        )
        return found


def lapse(start: datetime, duration: str) -> datetime:
    """Return the moment a `Duration` after start; ValueError if it is none. Months end on their last day at most."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError("a duration is written in ISO 8601, such as P30D")
    parts = {name: int(text or 0) for name, text in match.groupdict().items()}
    months = start.month - 1 + parts["months"] + 12 * parts["years"]
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day) + timedelta(
        weeks=parts["weeks"], days=parts["days"], hours=parts["hours"]
    )


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    """Return what the parties sign: RFC 8785 of the parsed document without `signatures`."""
    return rfc8785.dumps({name: value for name, value in document.items() if name != "signatures"})


def fingerprint(document: Mapping[str, Any]) -> str:
    """Return `sha256:<hex>` of the signed bytes."""
    return "sha256:" + hashlib.sha256(signed_bytes(document)).hexdigest()


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the RFC 7638 thumbprint (SHA-256, unpadded base64url) of an OKP key; ValueError for any other key."""
    if jwk.get("kty") != "OKP" or "crv" not in jwk or "x" not in jwk:
        raise ValueError("a protocol is signed with an Ed25519 key: kty OKP, crv Ed25519 and x")
    required = {name: jwk[name] for name in ("crv", "kty", "x")}
    digest = hashlib.sha256(json.dumps(required, separators=(",", ":"), ensure_ascii=False).encode()).digest()
    return _base64url(digest)


def verify_signature(document: Mapping[str, Any], signature: Signature, jwk: Mapping[str, str]) -> bool:
    """Say whether the signature is this key's Ed25519 signature (RFC 8032) of the document; never raises for a bad one.

    Whether the key belongs to the agency that the signature names is for the caller, who holds the directory, to say.
    """
    try:
        if jwk.get("crv") != "Ed25519" or thumbprint(jwk) != signature.key:
            return False
        key = Ed25519PublicKey.from_public_bytes(_unbase64url(jwk["x"]))
        key.verify(_unbase64url(signature.signature), signed_bytes(document))
    except (ValueError, InvalidSignature):
        return False
    return True


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _unbase64url(text: str) -> bytes:
    """Decode unpadded base64url; ValueError unless it is the one spelling of its octets."""
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    if _base64url(octets) != text:
        raise ValueError("not canonical base64url")
    return octets
