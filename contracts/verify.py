"""`concordat-verify`: checks a folder of evidence offline, with nothing but the contracts installed.

Exit codes: 0 everything was verified, 2 wrong usage, 4 verification failed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.evidence import Folder, Outcome, Report, examine
from contracts.evidence.examine import parse_key
from contracts.signed_note import VerifierKey, decode_text
from contracts.verification_error import VerificationError

VERIFIED, WRONG_USAGE, FAILED = 0, 2, 4

MAX_FILE_BYTES = 16 * 1024 * 1024
"""The largest files of the folder are tiles (8 kB), entries (64 kB) and openings of one event; more is no evidence."""


def read_folder(directory: Path) -> tuple[dict[str, bytes], list[str]]:
    """(Contents by relative path, paths that could not be read). Linked folders are not entered and count as unread."""
    files: dict[str, bytes] = {}
    unread: list[str] = []

    def name(path: Path) -> str:
        return path.relative_to(directory).as_posix()

    walk = os.walk(directory, onerror=lambda error: unread.append(name(Path(error.filename))))
    for parent, folders, names in walk:
        unread += [name(path) for folder in folders if (path := Path(parent, folder)).is_symlink()]
        for path in (Path(parent, file) for file in names):
            try:
                if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
                    unread.append(name(path))
                else:
                    files[name(path)] = path.read_bytes()
            except OSError:
                unread.append(name(path))
    return files, sorted(unread)


def read_key(given: str) -> VerifierKey:
    """A verifier key, as text or as the path of a file with it. Raises VerificationError, OSError or ValueError."""
    path = Path(given)
    return parse_key(decode_text(path.read_bytes()) if path.is_file() else given)


def run(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code. `argv` without the command's name, from the process if left out."""
    arguments = _parser().parse_args(argv)
    directory = Path(arguments.directory)
    if not directory.is_dir():
        print("concordat-verify: the given DIR is not a folder", file=sys.stderr)
        return WRONG_USAGE
    trusted = None
    if arguments.key is not None:
        try:
            trusted = read_key(arguments.key)
        except (VerificationError, OSError, ValueError):
            print("concordat-verify: --key is neither a verifier key nor a file with one", file=sys.stderr)
            return WRONG_USAGE
    files, unread = read_folder(directory)
    report = examine(Folder.sort(files), trusted, unread)
    _print_json(report) if arguments.json else _print_text(report)
    return VERIFIED if report.holds else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="concordat-verify",
        description="Check ledger entries, proofs, openings and receipts against signed checkpoints, offline.",
        epilog="Exit codes: 0 everything was verified, 2 wrong usage, 4 verification failed.",
    )
    parser.add_argument("directory", metavar="DIR", help="the folder of evidence")
    parser.add_argument("--key", metavar="VKEY_OR_FILE", help="the log's verifier key, which you trust")
    parser.add_argument("--json", action="store_true", help="one JSON object per finding and line, the summary last")
    return parser


def _print_text(report: Report) -> None:
    for finding in report.findings:
        word = finding.outcome.upper() if finding.outcome is Outcome.FAILED else finding.outcome
        print(f"{word:<12} {_printable(finding.subject)}: {_printable(finding.text)}")
    print(_printable(report.sentence()))


def _print_json(report: Report) -> None:
    for finding in report.findings:
        print(json.dumps({"outcome": finding.outcome, "subject": finding.subject, "text": finding.text}))
    summary = {
        "verified": report.holds,
        "failures": report.failures,
        "origin": report.origin,
        "entries": {str(size): count for size, count in sorted(report.entries.items())},
        "sentence": report.sentence(),
    }
    print(json.dumps(summary))


def _printable(text: str) -> str:
    """File names come from whoever made the folder: none of them writes a line, or a colour, of its own."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


if __name__ == "__main__":
    sys.exit(run())
