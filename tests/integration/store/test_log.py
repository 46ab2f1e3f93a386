"""SQLite's write-ahead log: moved into the database file beside the writing, so that no report stops for it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event, text

from broker.store.transactions import Database


def _times_begun(database: Path) -> int:
    """Return how often the log has been written from its beginning (file format, "WAL Format", octets 12 to 16)."""
    return int.from_bytes(Path(f"{database}-wal").read_bytes()[12:16])


def test_the_log_is_begun_anew_although_a_report_comes_in_while_it_is_moved(tmp_path: Path) -> None:
    """One of which something is left to move would go on growing, until a commit had to stop and move it."""
    file = tmp_path / "hub.db"
    with closing(Database(f"sqlite:///{file}")) as database, closing(sqlite3.connect(file)) as other:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE reports (report INTEGER)"))
        reports = iter(range(2))

        def reported_meanwhile(_cursor: object, moved: tuple[int, ...]) -> tuple[int, ...]:
            for report in reports:
                with other:
                    other.execute("INSERT INTO reports VALUES (?)", (report,))
                break
            return moved

        def watch(connection: sqlite3.Connection, *_: object) -> None:
            connection.row_factory = reported_meanwhile

        event.listen(database.engine, "checkout", watch)
        begun = _times_begun(file)
        database.move_log()
        event.remove(database.engine, "checkout", watch)
        assert list(reports) == [], "both came in while the log was moved"
        with database.writing() as connection:
            connection.execute(text("INSERT INTO reports VALUES (2)"))
        assert _times_begun(file) == begun + 1
        with closing(sqlite3.connect(file)) as reader:
            assert reader.execute("SELECT report FROM reports ORDER BY report").fetchall() == [(0,), (1,), (2,)]
