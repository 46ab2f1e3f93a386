"""Receipts: what the hub told a publisher, held against what it wrote in the ledger."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from contracts.evidence.entries import Entries
from contracts.evidence.finding import Finding, failed, note, verified
from contracts.evidence.openings import outcomes, parse
from contracts.ledger_entry import Operation
from contracts.verification_error import ProofError, VerificationError

_NOT_TELLING = frozenset({Operation.WITHHELD, Operation.REFUSED, Operation.PADDING})

_Count = Annotated[int, Field(ge=0)]


class ReceiptTold(BaseModel):
    """One agency that the receipt says was told; the members that the ledger can bear out."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)
    agency: str
    disclosure_id: str
    released: _Count
    transformed: _Count
    withheld: _Count


class ReceiptClaims(BaseModel):
    """Of a receipt, what the ledger can bear out: the accepting entry and the disclosures."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)
    entry: str
    told: list[ReceiptTold]


def check_receipts(
    receipts: Mapping[str, bytes], present: frozenset[str], entries: Entries, details: Mapping[str, JsonValue]
) -> Iterator[Finding]:
    """Each receipt's ids, where the folder has files of that id (`present`); the others are counted, not failed."""
    absent: set[str] = set()
    for name, data in receipts.items():
        subject = f"receipts/{name}.json"
        try:
            receipt = parse(ReceiptClaims, data, "a receipt")
        except VerificationError as error:
            yield failed(subject, error)
            continue
        absent |= {receipt.entry, *(told.disclosure_id for told in receipt.told)} - present
        if receipt.entry in present:
            yield _judge(subject, "the accepting entry", receipt.entry, entries)
        for told in receipt.told:
            if told.disclosure_id not in present:
                continue
            try:
                _check_told(told, entries, details)
            except VerificationError as error:
                yield failed(subject, error)
            else:
                yield _judge(subject, "disclosure", told.disclosure_id, entries)
    if absent:
        yield note("receipts", f"named by receipts, not in this folder: {len(absent)}")


def _judge(subject: str, what: str, identifier: str, entries: Entries) -> Finding:
    if identifier in entries.proved:
        return verified(subject, f"{what} {identifier} was proved")
    return failed(subject, f"{what} {identifier} was not proved")


def _check_told(told: ReceiptTold, entries: Entries, details: Mapping[str, JsonValue]) -> None:
    identifier = told.disclosure_id
    if entry := entries.read.get(identifier):
        if entry.operation in _NOT_TELLING:
            raise ProofError(f"the receipt says that {identifier} was told; its entry records {entry.operation}")
        if entry.recipient and told.agency not in {entry.recipient, entry.recipient.rpartition("/")[2]}:
            raise ProofError(f"the receipt names another agency for {identifier} than its entry")
    counted = outcomes(details.get(identifier))
    stated = (told.released, told.transformed, told.withheld)
    if counted is not None and stated != (counted["released"], counted["transformed"], counted["withheld"]):
        raise ProofError(f"the receipt's counts of fields for {identifier} are not those of the recorded decision")
