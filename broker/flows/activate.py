"""A protocol comes into force at this hub, for those of its parties who have signed it."""

from typing import Any

import orjson

from broker.flows import record
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.ports.records import ProtocolRecord, Scope
from contracts.agency import Agency
from contracts.ledger_entry import Operation
from contracts.protocol import Protocol, fingerprint, verify_signature


class VersionTaken(Exception):
    """Another document stands under this name and version: a protocol that has been signed is never changed."""


def activate(draft: Draft, document: dict[str, Any], parts: Parts) -> ProtocolRecord:
    """Bring a checked document into force; VersionTaken if its version is another document.

    Bringing the same document again, with more signatures, extends it to those who have signed since.
    """
    protocol, mark = Protocol.model_validate_json(orjson.dumps(document)), fingerprint(document)
    earlier = next(
        (one for one in draft.protocols() if (one.name, one.version) == (protocol.protocol, protocol.version)), None
    )
    if earlier is not None and earlier.fingerprint != mark:
        raise VersionTaken
    signed_by = verified_signers(document, protocol, {agency.id: agency for agency in draft.agencies()})
    if earlier is not None:
        if signed_by <= earlier.signed_by:
            return earlier  # Nothing new: a step that is run again records nothing twice.
        signed_by |= earlier.signed_by
    now = parts.clock.now()
    row = ProtocolRecord(
        name=protocol.protocol,
        version=protocol.version,
        document=document,
        fingerprint=mark,
        signed_by=signed_by,
        activated_at=now if earlier is None else earlier.activated_at,
    )
    draft.put_protocol(row)
    draft.entries.append(
        record.entry(
            parts,
            Operation.PROTOCOL_ACTIVATED,
            entry_id=parts.new_id(),
            at=now,
            actor=parts.own_name,
            scope=Scope("hub", "hub"),
            commitments={
                "full_detail": record.whole(
                    {
                        "protocol": f"{row.name}@{row.version}",
                        "protocol_hash": mark,
                        "signed_by": sorted(signed_by),
                    }
                )
            },
        )
    )
    return row


def verified_signers(document: dict[str, Any], protocol: Protocol, agencies: dict[str, Agency]) -> frozenset[str]:
    """Return the agencies whose registered keys verify a signature in the document."""
    return frozenset(
        signature.agency
        for signature in protocol.signatures
        for key in (agencies[signature.agency].keys if signature.agency in agencies else ())
        if verify_signature(document, signature, key)
    )
