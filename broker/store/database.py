"""The Store port on SQLite and PostgreSQL: the repositories, composed."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from broker.ports.store import StoreUnavailable, Unit, View
from broker.ports.vault import KeyVault
from broker.store.backgrounds import BackgroundsReading
from broker.store.cases import CasesWriting
from broker.store.consultations import ConsultationsReading, ConsultationsWriting
from broker.store.disclosures import DisclosuresReading, DisclosuresWriting
from broker.store.endpoints import EndpointsReading, EndpointsWriting
from broker.store.events import EventsWriting
from broker.store.ledger import LedgerReading, LedgerWriting
from broker.store.mailboxes import MailboxesReading, MailboxesWriting
from broker.store.migrations import migrate
from broker.store.registry import RegistryReading, RegistryWriting
from broker.store.relay import RelayReading, RelayWriting
from broker.store.sealing import Seals
from broker.store.told import ToldReading
from broker.store.transactions import Database
from broker.store.webhooks import WebhooksReading, WebhooksWriting

MOST_KEPT = 20_000
"""Ids remembered for a connection of rows that are kept once for all: a megabyte or two."""
_KEPT = "ids of rows that are kept once for all"


class SqlView(
    RegistryReading,
    LedgerReading,
    BackgroundsReading,
    RelayReading,
    DisclosuresReading,
    MailboxesReading,
    ConsultationsReading,
    EndpointsReading,
    WebhooksReading,
    ToldReading,
):
    """A View: one consistent reading."""


class SqlUnit(
    RegistryWriting,
    LedgerWriting,
    EventsWriting,
    CasesWriting,
    BackgroundsReading,
    RelayWriting,
    MailboxesWriting,
    DisclosuresWriting,
    ConsultationsWriting,
    EndpointsWriting,
    WebhooksWriting,
    ToldReading,
):
    """A Unit: one transaction under the writers' lock."""


class SqlStore:
    """The Store. `sqlite:///<path>`, `sqlite://` (in memory, gone when closed) or `postgresql://…`."""

    def __init__(self, url: str, vault: KeyVault) -> None:
        """Open the database and bring its schema up to date.

        Raises StoreUnavailable, UnsafeSettings where it would lose what it confirms, UnknownSchema where a newer hub
        made it, and ValueError for another kind of URL.
        """
        self._vault = vault
        with _translated():
            self._database = Database(url)
        try:
            with _translated():
                migrate(self._database.engine)
        except BaseException:
            self._database.close()
            raise

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Take the writers' lock, see Unit; commit at the end of the block, roll back on any exception.

        Raises StoreUnavailable when the database fails, refuses a row or leaves the outcome of the commit unknown.
        """
        with _translated(), self._database.writing() as connection:
            # What one connection has seen committed is asked anew on the next, which may lead to another server: a
            # standby that took over may have lost the last commits.
            noted, line = connection.info, connection.connection.dbapi_connection
            owner, kept = noted.get(_KEPT, (None, frozenset()))
            seen: frozenset[bytes] = kept if owner is line else frozenset()
            unit = SqlUnit(connection, Seals(self._vault), seen)
            try:
                unit.lock()
                yield unit
                unit.commit()
            finally:
                unit.abandon()
        if unit.keeping:
            noted[_KEPT] = line, (seen if len(seen) < MOST_KEPT else frozenset()) | unit.keeping

    @contextmanager
    def reading(self) -> Iterator[View]:
        """Read one consistent state. Raises StoreUnavailable when the database fails."""
        with _translated(), self._database.reading() as connection:
            yield SqlView(connection, Seals(self._vault))

    def move_log(self) -> None:
        """Move the write-ahead log of SQLite into its database file. Raises StoreUnavailable."""
        with _translated():
            self._database.move_log()

    def close(self) -> None:
        """Close all connections; the vault stays open."""
        self._database.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
            raise  # a value of the wrong kind: no use to ask again
        raise StoreUnavailable(
            "the database did not answer, refused the work or did not confirm it: ask again with the same ids"
        ) from error
