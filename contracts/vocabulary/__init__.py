"""Code lists: the codes that logic turns on as enumerations, and every code's definition and terms as data.

The enumerations stand in the modules of this package, by noun. Each has a list of its name in `lists/`, with the
definitions that people read; a list may have codes of its own where no logic turns on them. `library.py` loads them.
"""

from contracts.vocabulary.episode import (
    RISK_ORDER,
    ClosingReason,
    DueStage,
    EpisodeStatus,
    HandoverStage,
    Jurisdiction,
    ReopeningReason,
    ReturnSetting,
    RiskLevel,
    Stage,
)
from contracts.vocabulary.party import AgencyKind, Role, Standing
from contracts.vocabulary.statement import AcknowledgementAction, Basis, BirthDateStatus, ReportedVia

__all__ = [
    "RISK_ORDER",
    "AcknowledgementAction",
    "AgencyKind",
    "Basis",
    "BirthDateStatus",
    "ClosingReason",
    "DueStage",
    "EpisodeStatus",
    "HandoverStage",
    "Jurisdiction",
    "ReopeningReason",
    "ReportedVia",
    "ReturnSetting",
    "RiskLevel",
    "Role",
    "Stage",
    "Standing",
]
