"""What a mapping made of a whole table: counts and places, and no value of anybody's."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from adapters.sdk.mapping.gap import SENTENCES, SETTLED, Gap
from adapters.sdk.mapping.mapping import Applied, Mapping

FIRST_ROWS = 5
"""Rows that are named for each gap; the table's line with the column names is row 1."""


@dataclass
class _Found:
    rows: list[int] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)


class Report:
    """Sums up one table, row by row."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...]) -> None:
        """`columns` are those that the table has."""
        document = mapping.document
        read = document.columns()
        self.name = f"{document.mapping}@{document.version}"
        self.rows = self.without_event = 0
        self.events: Counter[str] = Counter()
        self.passed_over: Counter[str] = Counter()
        self.unmapped_columns = tuple(one for one in columns if one not in read and one not in document.ignored)
        self.missing_columns = tuple(sorted(read - set(columns)))
        self._gaps: dict[Gap, _Found] = {}

    def add(self, row: int, applied: Applied) -> None:
        """Count what one row became."""
        self.rows += 1
        self.events.update(made.type for made in applied.events)
        if applied.passed_over is not None:
            self.passed_over[applied.passed_over] += 1
        elif not applied.events:
            self.without_event += 1
        for gap in applied.gaps:
            found = self._gaps.setdefault(gap, _Found())
            found.rows.append(row)
            if gap.word is not None:
                found.words[gap.word] += 1

    @property
    def complete(self) -> bool:
        """Whether everything was carried over that the mapping does not itself leave out or settle."""
        doubtful = [gap for gap in self._gaps if gap.kind not in SETTLED]
        return not (doubtful or self.unmapped_columns or self.missing_columns or self.without_event)

    def plain(self, *, words: bool = False) -> dict[str, Any]:
        """Return the report as JSON. `words` adds the words without a code, which may say anything of anybody."""
        return {
            "mapping": self.name,
            "rows": self.rows,
            "events": dict(sorted(self.events.items())),
            "passed_over": dict(self.passed_over),
            "rows_without_event": self.without_event,
            "unmapped_columns": list(self.unmapped_columns),
            "missing_columns": list(self.missing_columns),
            "gaps": [_said(gap, found, words=words) for gap, found in self._gaps.items()],
            "complete": self.complete,
        }


def _said(gap: Gap, found: _Found, *, words: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": gap.kind.value,
        "rule": gap.rule,
        "to": gap.to,
        "column": gap.column,
        "rows": len(found.rows),
        "first_rows": found.rows[:FIRST_ROWS],
        "message": gap.detail or SENTENCES[gap.kind],
        "original_kept": gap.kept or None,
        "words": dict(found.words.most_common()) if words and found.words else None,
    }
    return {name: value for name, value in said.items() if value is not None}
