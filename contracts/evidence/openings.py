"""Openings: the values behind an entry's commitments, for whoever was given the keys."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationError

from contracts.canonical import NotCanonicalError, parse_json, unb64url
from contracts.commitment import KEY_BYTES, opens
from contracts.evidence.entries import Entries
from contracts.evidence.finding import Finding, failed, verified
from contracts.ledger_entry import Commitments
from contracts.verification_error import MalformedError, ProofError, VerificationError


def _read_key(text: object) -> bytes:
    key = unb64url(text) if isinstance(text, str) else b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"not the base64url of {KEY_BYTES} bytes")
    return key


class Opened(BaseModel):
    """One commitment's random key and the value that it was made over."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    key: Annotated[bytes, BeforeValidator(_read_key)]
    value: JsonValue


class Opening(BaseModel):
    """The file `openings/<id>.json`: the entry's id, and by name each commitment that this reader may open."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: str
    commitments: dict[str, Opened]


_Model = TypeVar("_Model", bound=BaseModel)


def parse(model: type[_Model], data: bytes, what: str) -> _Model:
    """A document of the folder as its model. Raises MalformedError, which says nothing of the content."""
    try:
        return model.model_validate(parse_json(data))
    except (NotCanonicalError, ValidationError):
        raise MalformedError(f"not {what} in its format") from None


def check_openings(openings: Mapping[str, bytes], entries: Entries, details: dict[str, JsonValue]) -> Iterator[Finding]:
    """Each opening against its entry; the opened `full_detail` values are left in `details`, by id."""
    for identifier, data in openings.items():
        subject = f"openings/{identifier}.json"
        try:
            opening = parse(Opening, data, "an opening")
            _check(identifier, opening, entries)
        except VerificationError as error:
            yield failed(subject, error)
            continue
        if "full_detail" in opening.commitments:  # The recipient's view speaks of the contract, not of this event.
            details[identifier] = opening.commitments["full_detail"].value
        yield verified(subject, f"opens the entry's {', '.join(sorted(opening.commitments)) or 'nothing'}")


def _check(identifier: str, opening: Opening, entries: Entries) -> None:
    if opening.id != identifier:
        raise ProofError("the opening is for another entry than the file is named for")
    if identifier not in entries.read:
        raise ProofError(f"an opening of nothing: there is no readable entries/{identifier}.json")
    stated = entries.read[identifier].commitments or Commitments()
    for name, opened in opening.commitments.items():
        commitment = getattr(stated, name) if name in Commitments.model_fields else None
        if commitment is None:
            raise ProofError("it opens a commitment that the entry does not have")
        if not opens(commitment, opened.key, opened.value):
            raise ProofError(f"the {name} is not what the entry commits to: it, its key or the entry was changed")
        names = opened.value if isinstance(opened.value, dict) else {}
        if name != "payload" and names.get("disclosure_id", identifier) != identifier:
            raise ProofError(f"the {name} speaks of another disclosure")


def outcomes(detail: JsonValue) -> Counter[str] | None:
    """How many fields the decision released, transformed and withheld; None for a detail without `fields`.

    Raises MalformedError when a field has none of these outcomes.
    """
    if not isinstance(detail, dict) or "fields" not in detail:
        return None
    fields = detail["fields"]
    found = (
        [part.get("outcome") if isinstance(part, dict) else None for part in fields]
        if isinstance(fields, list)
        else [None]
    )
    known = [outcome for outcome in found if outcome in ("released", "transformed", "withheld")]
    if len(known) != len(found):
        raise MalformedError("a field of the opened detail is neither released, transformed nor withheld")
    return Counter(map(str, known))
