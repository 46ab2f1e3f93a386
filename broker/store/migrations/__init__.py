"""Schema migrations, run by the program itself: `migrate(engine)`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, text


class UnknownSchema(Exception):
    """The database has been migrated by a newer hub than this one."""


def migrate(engine: Engine) -> None:
    """Bring the schema up to date in one transaction; nothing happens if it is. Replicas do so one after the other.

    Raises UnknownSchema, and SQLAlchemy's errors.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('concordat schema'))"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnknownSchema(
                "this database's schema is of a newer hub: start that version, or restore an older backup"
            ) from error
