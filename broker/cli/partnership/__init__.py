"""The invented Northmere partnership: the agencies of the demonstration, and of a first hub on one machine."""

from pathlib import Path

from broker.cli.keys import (
    encryption_jwk,
    encryption_key_file,
    key_file,
    load_or_create_encryption_key,
    load_or_create_key,
    public_jwk,
    signature_over,
)
from broker.flows.activate import activate
from broker.flows.draft import Draft
from broker.flows.enrol import enrol
from broker.flows.hub import Hub
from broker.sharing.document import parse_protocol
from contracts.agency import Agency
from contracts.vocabulary import AgencyKind

__all__ = ["AGENCIES", "EASTVALE", "PROTOCOL_FILE", "SIGNATORIES", "SOUTHFOLD", "WESTMOOR", "found", "key_file"]

PROTOCOL_FILE = Path(__file__).with_name("northmere.yaml")

EASTVALE, WESTMOOR, SOUTHFOLD = "E10999001", "E10999002", "E10999003"
"""Invented areas, in the form of ONS GSS codes. Northmere police Eastvale and Westmoor; Southfold lies outside."""

_SCOPES = frozenset({"publish", "subscribe", "audit"})

AGENCIES = (
    Agency(
        "northmere-police",
        "Northmere Police",
        AgencyKind.POLICE_FORCE,
        areas=frozenset({EASTVALE, WESTMOOR}),
        scopes=_SCOPES,
    ),
    Agency(
        "southfold-police", "Southfold Police", AgencyKind.POLICE_FORCE, areas=frozenset({SOUTHFOLD}), scopes=_SCOPES
    ),
    Agency(
        "eastvale-council", "Eastvale Council", AgencyKind.LOCAL_AUTHORITY, areas=frozenset({EASTVALE}), scopes=_SCOPES
    ),
    Agency(
        "westmoor-council", "Westmoor Council", AgencyKind.LOCAL_AUTHORITY, areas=frozenset({WESTMOOR}), scopes=_SCOPES
    ),
    Agency(
        "harbour-house",
        "Harbour House",
        AgencyKind.CHILDRENS_HOME,
        classes=frozenset({"childrens_homes"}),
        areas=frozenset({WESTMOOR}),
        scopes=_SCOPES,
    ),
    Agency("northmere-health", "Northmere Safeguarding Health Team", AgencyKind.HEALTH, scopes=_SCOPES),
    Agency("bright-path", "Bright Path", AgencyKind.CHARITY, scopes=_SCOPES, telephone="01632 960 001"),
    Agency(
        "northmere-hub-oversight",
        "Oversight of the Northmere hub",
        AgencyKind.REGULATOR,
        scopes=frozenset({"oversight", "admin"}),
    ),
)
SIGNATORIES = (
    "northmere-police",
    "southfold-police",
    "eastvale-council",
    "westmoor-council",
    "harbour-house",
    "northmere-health",
)


def found(hub: Hub, keys: Path) -> bool:
    """Register the partnership and bring its signed protocol into force, unless the hub has agencies already.

    Each agency's private key is made in `keys`, readable by its owner only. Returns whether anything was done.
    """
    with hub.store.reading() as view:
        if view.agencies():
            return False
    own = {agency.id: load_or_create_key(key_file(keys, agency.id)) for agency in AGENCIES}
    sealed_to = {
        agency.id: encryption_jwk(load_or_create_encryption_key(encryption_key_file(keys, agency.id)))
        for agency in AGENCIES
    }
    document = parse_protocol(PROTOCOL_FILE.read_text(encoding="utf-8")).document
    document["signatures"] = [signature_over(document, agency, own[agency]) for agency in SIGNATORIES]

    def register(draft: Draft) -> bool:
        if draft.agencies():
            return False  # another replica found the same empty database, and was first
        for agency in AGENCIES:
            enrol(draft, Agency(**{**vars(agency), "keys": (public_jwk(own[agency.id]), sealed_to[agency.id])}))
        activate(draft, document, hub.parts)
        return True

    (outcome,) = hub.sequencer.commit([register])
    if isinstance(outcome, BaseException):
        raise outcome
    return bool(outcome)
