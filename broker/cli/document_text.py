"""A protocol's text on disk: read with its faults, and given a signature without touching anything else of it."""

import json
from pathlib import Path

from broker.cli.ended import Ended, Exit
from broker.sharing.check import ProtocolWarning, check
from broker.sharing.document import InvalidProtocol, ParsedDocument, parse_protocol
from broker.sharing.tree import ProtocolFault

Finding = ProtocolFault | ProtocolWarning


def read_text(path: Path) -> str:
    """Return a protocol file's text; Ended if it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Ended(f"the protocol {path} cannot be read ({error.strerror})", Exit.WRONG_USAGE) from None
    except UnicodeError:
        raise Ended(f"the protocol {path} is not text in UTF-8") from None


def findings(text: str) -> tuple[ParsedDocument | None, tuple[Finding, ...]]:
    """Return the parsed document, if it is one, and everything that is wrong or doubtful, in order of the text."""
    try:
        parsed = parse_protocol(text)
    except InvalidProtocol as error:
        return None, error.faults
    return parsed, check(parsed)


def read_sound(path: Path) -> ParsedDocument:
    """Return a protocol that has no fault; Ended says where to look otherwise."""
    parsed, found = findings(read_text(path))
    faults = [one for one in found if isinstance(one, ProtocolFault)]
    if parsed is None or faults:
        lines = (f"{path}:{fault.line}:{fault.column}: {fault.message}" for fault in faults)
        raise Ended("\n".join(["the protocol is not fit to be signed or brought into force:", *lines]))
    return parsed


def with_signature(text: str, signature: dict[str, str]) -> str:
    """Return the text with one more signature; everything else stays as its authors wrote it.

    Ended if the place for it cannot be found without doubt: the text is read again and must say what it said before,
    and the new signature.
    """
    parsed = parse_protocol(text)
    line = json.dumps(signature).replace('{"agency": ', "{ agency: ").replace(', "key": ', ", key: ")
    line = line.replace(', "signature": ', ", signature: ").replace("}", " }")
    signed = _inserted(text, parsed, line)
    expected = {**parsed.document, "signatures": [*(parsed.document.get("signatures") or []), signature]}
    try:
        again = parse_protocol(signed).document
    except InvalidProtocol:
        again = {}
    if _unordered(again) != _unordered(expected):
        raise Ended(f"put the signature under `signatures:` by hand, the text there is of an unusual form:\n  - {line}")
    return signed


def _inserted(text: str, parsed: ParsedDocument, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if "signatures" not in parsed.document:
        gap = "" if text.endswith("\n") else newline
        return f"{text}{gap}signatures:{newline}  - {line}{newline}"
    row, column = parsed.positions.of(("signatures",))
    lines = text.splitlines(keepends=True)
    before, after = lines[row - 1][: column - 1], lines[row - 1][column - 1 :]
    if after.startswith("["):
        rest = after[1:]
        comma = "" if rest.lstrip().startswith("]") else ", "
        lines[row - 1] = f"{before}[{line}{comma}{rest.lstrip()}"
    else:
        lines[row - 1] = f"{before}- {line}{newline}{' ' * (column - 1)}{after}"
    return "".join(lines)


def _unordered(document: dict[str, object]) -> object:
    signatures = document.get("signatures")
    listed = signatures if isinstance(signatures, list) else []
    return {**document, "signatures": sorted(json.dumps(one, sort_keys=True) for one in listed)}
