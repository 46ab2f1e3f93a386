"""What a command writes: data on stdout, for programs and pipes; talk on stderr, for the person at the keyboard."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 240
"""Columns of a table that nobody looks at in a terminal: nothing is cut off or folded."""


def say(text: str = "") -> None:
    """Talk to the person: on stderr."""
    print(printable(text), file=sys.stderr, flush=True)


def emit(text: str) -> None:
    """Write one piece of data on stdout, as text."""
    print(text, flush=True)


def emit_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object on one line of stdout."""
    emit(json.dumps(value, ensure_ascii=False, default=str))


def emit_pretty(value: Mapping[str, Any]) -> None:
    """Write one JSON object on stdout, laid out for reading."""
    emit(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def emit_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table on stdout: folded to the terminal's width, or in full where it is piped."""
    named = any(headings)
    table = Table(*headings, box=None, pad_edge=False, show_edge=False, show_header=named, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(Text(printable(_cell(value))) for value in row))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    console.print(table)


def printable(text: str) -> str:
    """What others wrote never moves the cursor nor colours the screen: control characters are shown, not obeyed."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(one) for one in value) or "-"
    return str(value)
