"""What an examination of evidence says: findings, one per thing looked at, and the sentence that sums them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    VERIFIED = "verified"
    FAILED = "failed"
    NOTE = "note"
    """Worth knowing; it neither proves nor disproves."""
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """`subject` is a path in the folder; `text` never holds anything of a payload, an opening or a key."""

    outcome: Outcome
    subject: str
    text: str


def verified(subject: str, text: str) -> Finding:
    return Finding(Outcome.VERIFIED, subject, text)


def failed(subject: str, why: object) -> Finding:
    return Finding(Outcome.FAILED, subject, str(why))


def note(subject: str, text: str) -> Finding:
    return Finding(Outcome.NOTE, subject, text)


@dataclass(frozen=True)
class Report:
    """`entries`: how many entries were found in the log, by the size of the signed checkpoint that they stand under."""

    findings: tuple[Finding, ...]
    entries: Mapping[int, int]
    origin: str | None
    """The log that the verifier key belongs to, if there was a usable key."""

    @property
    def failures(self) -> int:
        return sum(finding.outcome is Outcome.FAILED for finding in self.findings)

    @property
    def holds(self) -> bool:
        return not self.failures

    def sentence(self) -> str:
        proved = self._proved()
        if self.holds:
            return f"Verified: {proved}, log {self.origin}."
        checks = "1 check" if self.failures == 1 else f"{self.failures} checks"
        return f"NOT VERIFIED: {checks} failed. Found in the log all the same: {proved}."

    def _proved(self) -> str:
        if not self.entries:
            return "no entry"
        found, newest = _entries(sum(self.entries.values())), max(self.entries)
        if len(self.entries) == 1:
            return f"{found} under the checkpoint of size {newest}"
        return f"{found} under {len(self.entries)} checkpoints, the newest of size {newest}"


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
