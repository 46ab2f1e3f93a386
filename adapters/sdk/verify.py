"""Checking what the hub says, without trusting it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.sdk.client import HubClient
from contracts.canonical import NotCanonicalError, canonical, parse_json, unb64url
from contracts.commitment import opens
from contracts.disclosure import Opening, Receipt
from contracts.envelope import CloudEvent
from contracts.ledger_entry import FORMAT
from contracts.transparency import (
    Checkpoint,
    MalformedError,
    ProofError,
    TlogProof,
    VerificationError,
    VerifierKey,
    verify_tlog_proof,
)

PAYLOAD = "payload"


@dataclass(frozen=True)
class Evidence:
    """Everything that proves one disclosure, as fetched; it can be stored and checked years later, offline."""

    disclosure_id: str
    entry: bytes
    opening: Opening = field(repr=False)
    proof: str


@dataclass(frozen=True)
class ProvedDisclosure:
    """What has been proved: this entry stands in the log, and these values are what it committed to."""

    checkpoint: Checkpoint
    entry: dict[str, Any]
    values: dict[str, dict[str, Any]] = field(repr=False)
    """By commitment: `payload`, `detail`, `full_detail`, as far as this agency's opening goes."""


async def gather_evidence(client: HubClient, disclosure_id: str) -> Evidence:
    """Fetch entry, opening and proof, waiting for the checkpoint that covers them. Raises HubError."""
    entry = await client.entry(disclosure_id)
    opening = await client.opening(disclosure_id)
    return Evidence(disclosure_id, entry, opening, await client.proof(disclosure_id))


def prove(evidence: Evidence, key: VerifierKey, received: Mapping[str, Any] | None = None) -> ProvedDisclosure:
    """Check evidence under a verifier key that was pinned beforehand.

    `received` is the `data` that arrived in the mailbox: give it to prove that it is what the ledger recorded. Raises a
    contracts.transparency.VerificationError: SignatureError for another key's checkpoint, ProofError for an entry that
    is not in the log or values that do not open it, MalformedError for what cannot be read.
    """
    checkpoint = verify_tlog_proof(TlogProof.parse(evidence.proof), evidence.entry, key)
    entry = _read_entry(evidence.entry)
    if evidence.opening.id != evidence.disclosure_id:
        raise ProofError("the opening is that of another disclosure")
    values = _open(entry, evidence.opening)
    if received is not None and (PAYLOAD not in values or canonical(values[PAYLOAD]) != canonical(dict(received))):
        raise ProofError("the data that was received is not the data that the ledger committed to")
    return ProvedDisclosure(checkpoint, entry, values)


def check_receipt(receipt: Receipt, event: Mapping[str, Any]) -> None:
    """Check that a receipt answers this event: its id, its publisher and its episode. Raises ProofError."""
    envelope = CloudEvent.model_validate(dict(event))
    if receipt.event_id != envelope.id:
        raise ProofError("the receipt is for another event")
    if not receipt.source.startswith("//") or not receipt.source.endswith(f"/agencies/{envelope.agency()}"):
        raise ProofError("the receipt names another publisher")
    subject = envelope.about()
    if subject is not None and subject.kind == "episode" and receipt.episode != subject.id:
        raise ProofError("the receipt is for another episode")
    try:
        datetime.fromisoformat(receipt.accepted_at)
    except ValueError:
        raise MalformedError("the receipt does not say when the event was accepted") from None


def _read_entry(leaf: bytes) -> dict[str, Any]:
    try:
        entry = parse_json(leaf)
        is_exact = canonical(entry) == leaf
    except NotCanonicalError:
        raise MalformedError("the ledger entry is not JSON") from None
    if not isinstance(entry, dict) or not is_exact or entry.get("format") != FORMAT:
        raise MalformedError(f"the ledger entry is not in the format {FORMAT}")
    return dict(entry)


def _open(entry: dict[str, Any], opening: Opening) -> dict[str, dict[str, Any]]:
    commitments = entry.get("commitments")
    if not isinstance(commitments, dict) or not opening.commitments:
        raise ProofError("nothing opens this entry: neither its data nor its detail is proved")
    for name, opened in opening.commitments.items():
        try:
            key = unb64url(opened.key)
        except NotCanonicalError:
            raise MalformedError("the opening holds a key that is not base64url") from None
        if not opens(str(commitments.get(name, "")), key, opened.value):
            raise ProofError(f"the opening of {name!r} does not fit the ledger entry")
    return {name: opened.value for name, opened in opening.commitments.items()}


__all__ = [
    "Evidence",
    "ProvedDisclosure",
    "VerificationError",
    "check_receipt",
    "gather_evidence",
    "prove",
]
