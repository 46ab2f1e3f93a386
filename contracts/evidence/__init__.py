"""Checking a folder of evidence: ledger entries, proofs, openings and receipts against signed checkpoints. Pure."""

from contracts.evidence.examine import examine
from contracts.evidence.finding import Finding, Outcome, Report
from contracts.evidence.folder import Folder

__all__ = ["Finding", "Folder", "Outcome", "Report", "examine"]
