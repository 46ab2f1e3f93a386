"""The examination itself, from the key down to the receipts."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from contracts.evidence.entries import Entries
from contracts.evidence.finding import Finding, Outcome, Report, failed, note, verified
from contracts.evidence.folder import Folder
from contracts.evidence.heads import Heads, leaf_hashes
from contracts.evidence.openings import check_openings
from contracts.evidence.receipts import check_receipts
from contracts.signed_note import VerifierKey, decode_text
from contracts.verification_error import MalformedError, VerificationError


def parse_key(text: str) -> VerifierKey:
    """A vkey as it stands in a file: one newline after it is allowed. Raises MalformedError."""
    return VerifierKey.parse(text.removesuffix("\n"))


def examine(folder: Folder, trusted: VerifierKey | None = None, unread: Iterable[str] = ()) -> Report:
    """Check everything in the folder under one key.

    `trusted` is the key that the reader has from elsewhere; without it the folder's own is used, and the
    report says so.
    `unread` are paths that could not be read: evidence that is there but closed is never passed over.
    """
    findings = [failed(path, "could not be read: not a plain file, too large, or not permitted") for path in unread]
    heads, entries = Heads(), Entries()
    key = None
    try:
        key = _choose_key(folder, trusted)
    except VerificationError as error:
        findings.append(failed("verifier-key", error))
    if key:
        findings += _key_findings(folder, trusted)
        findings += _check(folder, key, heads, entries)
    findings += [Finding(Outcome.NOT_CHECKED, path, "not part of the evidence") for path in folder.unknown]
    return Report(tuple(findings), entries.by_size(), key.name if key else None)


def _choose_key(folder: Folder, trusted: VerifierKey | None) -> VerifierKey:
    if folder.verifier_key is None:
        if trusted is None:
            raise MalformedError("there is no such file: give the log's key with --key")
        return trusted
    own = parse_key(decode_text(folder.verifier_key))
    return trusted or own


def _key_findings(folder: Folder, trusted: VerifierKey | None) -> Iterator[Finding]:
    if trusted is None:
        yield note("verifier-key", "taken from the folder itself: compare it with the key that the hub publishes")
    elif folder.verifier_key is not None:
        if parse_key(decode_text(folder.verifier_key)) == trusted:
            yield verified("verifier-key", "is the key that is trusted")
        else:
            yield failed("verifier-key", "is not the key that is trusted")


def _check(folder: Folder, key: VerifierKey, heads: Heads, entries: Entries) -> Iterator[Finding]:
    yield from heads.collect(folder, key)
    yield from entries.check_proofs(folder, heads, key)
    compared = list(heads.compare(folder.tiles))
    yield from compared
    entries.withdraw(heads.refuted)
    newest_size, leaves = 0, frozenset[bytes]()
    if heads.newest and folder.tiles and all(finding.outcome is not Outcome.FAILED for finding in compared):
        newest_size = heads.newest.size
        leaves = frozenset(leaf_hashes(folder.tiles, newest_size))
    yield from entries.check_leaves(folder, newest_size, leaves)
    details: dict[str, JsonValue] = {}
    yield from check_openings(folder.openings, entries, details)
    present = frozenset(folder.entries) | frozenset(folder.proofs) | frozenset(folder.openings)
    yield from check_receipts(folder.receipts, present, entries, details)
