"""A table as agencies' systems export it: CSV with one line of column names."""

import csv
from collections.abc import Iterator
from pathlib import Path

csv.field_size_limit(1024 * 1024)


class UnusableTable(ValueError):
    """The file is no table that can be read. Names a line at most, and nothing of what stands in it."""


class Table:
    """The columns of a CSV file, and its rows one by one. Raises UnusableTable, OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open(encoding="utf-8-sig", newline="") as file:
            self.columns = tuple(name.strip() for name in self._first(file))
        if len(set(self.columns)) != len(self.columns):
            raise UnusableTable("two columns have the same name: rename one")

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row with its number; the line of column names is row 1. Empty rows are skipped."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            self._first(file)
            try:
                for number, cells in enumerate(csv.reader(file, strict=True), start=2):
                    if len(cells) > len(self.columns):
                        raise UnusableTable(f"row {number} has more cells than there are columns")
                    if any(cell.strip() for cell in cells):
                        yield number, dict(zip(self.columns, cells, strict=False))
            except (csv.Error, UnicodeDecodeError):
                raise UnusableTable("this is not CSV in UTF-8: export it anew") from None

    def _first(self, file: Iterator[str]) -> list[str]:
        try:
            return next(csv.reader(file, strict=True), [])
        except (csv.Error, UnicodeDecodeError):
            raise UnusableTable("this is not CSV in UTF-8: export it anew") from None
