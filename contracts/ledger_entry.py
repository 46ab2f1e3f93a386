"""One entry of the ledger: who did what to whom and when, commitments in place of data, and nothing else."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts.canonical import NotCanonicalError, canonical, parse_json, unb64url
from contracts.signed_note import Note
from contracts.tlog import Checkpoint
from contracts.verification_error import MalformedError

FORMAT = "concordat-entry/1"

MAX_LEAF_BYTES = 2**16 - 1
"""What the 16-bit length of a C2SP entry bundle can say."""

MIN_NONCE_BYTES = 16
"""So that no leaf, and no padding, can be guessed from its hash in a public tile."""

COMMITMENT_BYTES = 32


class Operation(StrEnum):
    """The closed list of what the ledger records."""

    ACCEPTED = "accepted"
    DISCLOSED = "disclosed"
    WITHHELD = "withheld"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    CONSULTED = "consulted"
    CORRECTED = "corrected"
    RECALLED = "recalled"
    ERASED = "erased"
    HOLD = "hold"
    EMERGENCY_RELEASED = "emergency_released"
    PROTOCOL_ACTIVATED = "protocol_activated"
    PROTOCOL_ENDED = "protocol_ended"
    HANDOVER = "handover"
    REFUSED = "refused"
    RESTORED = "restored"
    PADDING = "padding"


_PARTY = r"^//[^\s/]+/(agencies/[^\s/]+|hub)$"
_TIME = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z", re.ASCII)


def _is_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("not an RFC 3339 UTC time with milliseconds")
    datetime.fromisoformat(text)  # refuses days that no month has
    return text


def _is_commitment(text: str) -> str:
    if len(unb64url(text)) != COMMITMENT_BYTES:
        raise ValueError("not the base64url of 32 bytes")
    return text


def _is_nonce(text: str) -> str:
    if len(unb64url(text)) < MIN_NONCE_BYTES:
        raise ValueError(f"not the base64url of at least {MIN_NONCE_BYTES} bytes")
    return text


Party = Annotated[str, Field(pattern=_PARTY)]
Commitment = Annotated[str, AfterValidator(_is_commitment)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Commitments(_Strict):
    """What the entry commits to, each openable by itself (`contracts.commitment`)."""

    payload: Commitment | None = None
    """The `data` that the recipient was given."""
    detail: Commitment | None = None
    """The recipient's view of the decision."""
    full_detail: Commitment | None = None
    """The auditor's view of the decision."""


class LedgerEntry(_Strict):
    """The content of one leaf.

    `actor` and `recipient` are absolute agency ids or the hub's own; every entry but padding has an actor.
    `checkpoint`, in a `restored` entry only, is the last signed note of the log that this one continues.
    """

    format: Annotated[str, Field(pattern=f"^{FORMAT}$")] = FORMAT
    operation: Annotated[Operation, Field(strict=False)]
    time: Annotated[str, AfterValidator(_is_time)]
    actor: Party | None = None
    recipient: Party | None = None
    commitments: Commitments | None = None
    checkpoint: str | None = None
    nonce: Annotated[str, AfterValidator(_is_nonce)]

    @model_validator(mode="after")
    def _fits_operation(self) -> Self:
        if self.operation is Operation.PADDING:
            if self.actor or self.recipient or self.commitments or self.checkpoint:
                raise ValueError("padding has a time and a nonce, nothing else")
        elif not self.actor:
            raise ValueError("an entry names who acted")
        if self.checkpoint is not None:
            if self.operation is not Operation.RESTORED:
                raise ValueError("only a restored log carries an earlier checkpoint")
            Checkpoint.parse(Note.parse(self.checkpoint).text)
        return self

    def leaf(self) -> bytes:
        """The leaf's exact bytes: RFC 8785. Raises MalformedError when they are too many."""
        return _within_limit(canonical(self.model_dump(mode="json", exclude_none=True)))

    @classmethod
    def from_leaf(cls, leaf: bytes) -> Self:
        """Read a leaf. Raises MalformedError unless it is a valid entry in its one canonical form."""
        try:
            entry = cls.model_validate(parse_json(_within_limit(leaf)))
        except NotCanonicalError:
            raise MalformedError("the entry is not JSON in UTF-8") from None
        except ValidationError as error:
            # Only names that the format has: neither the values nor the names that were made up are for messages.
            members = sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]} & set(cls.model_fields))
            where = f": see {', '.join(members)}" if members else ""
            raise MalformedError(f"the entry is not in the format {FORMAT}{where}") from None
        if entry.leaf() != leaf:
            raise MalformedError("the entry is not canonical JSON (RFC 8785): its bytes were changed on the way")
        return entry


def _within_limit(leaf: bytes) -> bytes:
    if len(leaf) > MAX_LEAF_BYTES:
        raise MalformedError(f"an entry has at most {MAX_LEAF_BYTES} bytes")
    return leaf
