"""`python -m adapters.sdk.mapping --mapping FILE --csv FILE`: try a mapping on an export, and send nothing."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.sdk.mapping import InvalidMapping, Mapping, Report, Table, UnusableTable
from contracts.vocabulary.library import InvalidVocabulary, with_folder

COMMAND = "python -m adapters.sdk.mapping"
COMPLETE, GAPS, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; return 0 if all was carried over, 1 if not, 2 if mapping or table cannot be used."""
    given = _parser().parse_args(arguments)
    try:
        report = _tried(given)
    except InvalidMapping as error:
        for fault in error.faults:
            print(f"mapping {fault.pointer or '(the document)'}: {fault.message}", file=sys.stderr)
        return WRONG_USAGE
    except InvalidVocabulary as error:
        for words in error.faults:
            print(words, file=sys.stderr)
        return WRONG_USAGE
    except (UnusableTable, OSError) as error:
        print(error.strerror if isinstance(error, OSError) else error, file=sys.stderr)
        return WRONG_USAGE
    said = report.plain(words=given.show_words)
    lines = [json.dumps(said, ensure_ascii=False)] if given.json else _lines(said)
    for line in lines:
        print(line, file=sys.stderr if given.events else sys.stdout)
    return COMPLETE if report.complete else GAPS


def _tried(given: argparse.Namespace) -> Report:
    library = None if given.vocabulary is None else with_folder(given.vocabulary)
    mapping, table = Mapping.load(given.mapping, library), Table(given.csv)
    report = Report(mapping, table.columns)
    if not mapping.document.columns() & set(table.columns):
        raise UnusableTable("none of the mapping's columns stands in the first line: is it the column names?")
    for number, row in table.rows():
        applied = mapping.apply(row)
        report.add(number, applied)
        if given.events:
            for made in applied.events:
                print(json.dumps({"row": number, "type": made.type, "data": made.data}, ensure_ascii=False))
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Try a mapping on a CSV export: nothing is sent, and nothing personal is printed."
    )
    parser.add_argument("--mapping", type=Path, required=True, metavar="FILE", help="the mapping document")
    parser.add_argument(
        "--csv", type=Path, required=True, metavar="FILE", help="the export, with a line of column names"
    )
    parser.add_argument("--vocabulary", type=Path, metavar="FOLDER", help="code lists of your hub's operator, if any")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    more = parser.add_mutually_exclusive_group()
    more.add_argument(
        "--show-words", action="store_true", help="print the words without a code too: they may say anything"
    )
    more.add_argument(
        "--events",
        action="store_true",
        help="print the events instead, personal as they are; the report goes to stderr",
    )
    return parser


def _lines(said: dict[str, Any]) -> Iterator[str]:
    yield f"{said['mapping']}: {said['rows']} rows"
    for event_type, count in said["events"].items():
        yield f"  {count} x {event_type}"
    for reason, count in said["passed_over"].items():
        yield f"  {count} passed over: {reason}"
    if said["rows_without_event"]:
        yield f"  {said['rows_without_event']} rows made no event"
    for name in said["unmapped_columns"]:
        yield f"column {name}: the mapping neither reads nor ignores it"
    for name in said["missing_columns"]:
        yield f"column {name}: the mapping reads it and the table does not have it"
    for gap in said["gaps"]:
        column = f"column {gap['column']} " if "column" in gap else ""
        rows = ", ".join(map(str, gap["first_rows"])) + (" …" if gap["rows"] > len(gap["first_rows"]) else "")
        kept = "; the event carries the original text" if gap.get("original_kept") else ""
        yield f"{gap['code']}: {column}-> {gap['to']} in {gap['rows']} rows ({rows}): {gap['message']}{kept}"
        for word, count in gap.get("words", {}).items():
            yield f"    {count} x {word}"
    yield "complete" if said["complete"] else "not complete"


if __name__ == "__main__":
    sys.exit(main())
