"""The schema comes from the migrations alone, and is the one that the code speaks of."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from broker.ports.vault import MemoryVault
from broker.store.database import SqlStore
from broker.store.engine import UnsafeSettings, open_engine, read_url
from broker.store.migrations import UnknownSchema, migrate
from broker.store.tables import metadata


def _where(index: Any) -> list[str]:
    return [str(value) for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")]


def _schema(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        name: (
            [(column["name"], repr(column["type"]), column["nullable"]) for column in found.get_columns(name)],
            found.get_pk_constraint(name),
            sorted(found.get_unique_constraints(name), key=str),
            sorted(found.get_foreign_keys(name), key=str),
            sorted((one["name"], *one["column_names"], *_where(one)) for one in found.get_indexes(name)),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def test_migrated_schema_is_that_of_the_tables(database_url: str) -> None:
    """Alembic finds no difference, and neither does a database made from the tables without migrations."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    migrated = _schema(engine)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
    engine.dispose()
    engine = open_engine(database_url)
    assert _schema(engine) == migrated
    engine.dispose()


def test_every_column_says_why_it_is_there() -> None:
    """A comment stands behind each column of the main database."""
    source = (Path(__file__).parents[3] / "broker/store/tables.py").read_text()
    columns = [line for line in source.splitlines() if line.strip().startswith("Column(")]
    assert len(columns) == sum(len(table.columns) for table in metadata.tables.values())
    assert [line for line in columns if "  # " not in line] == []


def test_migrating_again_changes_nothing(database_url: str) -> None:
    """A hub that starts on a database that is up to date leaves it alone."""
    store = SqlStore(database_url, MemoryVault())
    with store.writing() as unit:
        unit.put_police_area("E06000901", "northmere-police")
    store.close()
    store = SqlStore(database_url, MemoryVault())
    with store.reading() as view:
        assert view.police_areas() == {"E06000901": "northmere-police"}
    store.close()


def test_replicas_that_start_together_migrate_once(database_url: str) -> None:
    """One makes the schema, the others wait for it and find it made."""
    with ThreadPoolExecutor(3) as threads:
        stores = list(threads.map(lambda _: SqlStore(database_url, MemoryVault()), range(3)))
    for store in stores:
        with store.reading() as view:
            assert view.frontier().size == 0
        store.close()


def test_schema_of_a_newer_hub_is_refused(database_url: str) -> None:
    """With a word on what to do."""
    engine = open_engine(database_url)
    migrate(engine)
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UnknownSchema, match="newer hub"):
        SqlStore(database_url, MemoryVault())


@pytest.mark.parametrize("setting", ["off", "on", "remote_apply"])
def test_postgresql_that_confirms_before_it_has_written_is_refused(postgres_url: str, setting: str) -> None:
    """`synchronous_commit = off` would lose confirmed events; the error names the setting."""
    engine = open_engine(postgres_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = '{setting}'"))
    engine.dispose()
    if setting == "off":
        with pytest.raises(UnsafeSettings, match="synchronous_commit"):
            SqlStore(postgres_url, MemoryVault())
    else:
        SqlStore(postgres_url, MemoryVault()).close()


def test_sqlite_runs_with_the_settings_that_it_is_trusted_for(sqlite_url: str) -> None:
    """Write-ahead log, full synchronisation, references kept, deleted content overwritten."""
    store = SqlStore(sqlite_url, MemoryVault())
    with store._database.reading() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        settings = [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]
    assert settings == ["wal", 2, 1, 1, 15000]
    store.close()


@pytest.mark.parametrize("url", ["mysql://hub:secret@host/hub", "secret", ""])
def test_url_of_another_database_is_refused_without_repeating_it(url: str) -> None:
    """It may hold a password."""
    with pytest.raises(ValueError, match="postgresql://") as refused:
        read_url(url)
    assert "secret" not in str(refused.value)
