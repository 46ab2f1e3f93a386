"""The hub's parts, and what they raise when they refuse to open."""

from broker.flows.checkpoint import LedgerBehind
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from broker.store.engine import UnsafeSettings
from broker.store.kek import KekUnusable
from broker.store.keystore import WrongKek
from broker.store.migrations import UnknownSchema
from broker.wiring import build
from contracts.vocabulary.library import InvalidVocabulary

__all__ = ["REFUSES_TO_OPEN", "build"]

REFUSES_TO_OPEN = (
    InvalidVocabulary,
    LedgerBehind,
    StoreUnavailable,
    VaultUnavailable,
    UnsafeSettings,
    KekUnusable,
    WrongKek,
    UnknownSchema,
)
"""Each says what to do."""
