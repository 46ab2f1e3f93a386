"""What the relay keeps: the stream it made, how far each mailbox has gone, channel keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, or_, select

from broker.ports.records import Mailbox
from broker.ports.relay import ChannelKey, Letter, OutPosition, OutStream, Stretch
from broker.store import tables
from broker.store.leases import LeasesReading
from broker.store.mailboxes import MailboxesReading

_POSITIONS = select(tables.out_positions)
_MAILBOXES = select(tables.mailboxes)
_AT_ONCE = 100
"""Stretches in one query."""


class RelayReading(MailboxesReading, LeasesReading):
    """Reads what the relay keeps."""

    def expect_positions(self, lease: str) -> None:
        """Ask how far mail has gone, and who holds the lease, along with what else is asked first."""
        self.expect_lease(lease)
        self._expect(_POSITIONS)

    def out_stream(self, name: str) -> OutStream | None:
        """Return what is known of a stream that was made; None if none was."""
        row = self._row(select(tables.out_stream).where(tables.out_stream.c.name == name))
        return None if row is None else OutStream(row.name, row.created, row.last_sequence, row.fingerprint)

    def out_positions(self) -> dict[str, OutPosition]:
        """Return how far each recipient's mail has gone."""
        return {
            row.recipient: OutPosition(row.recipient, row.generation, row.stored, row.acked, row.acked_sequence)
            for row in self._all(_POSITIONS)
        }

    def first_unconfirmed(self, recipient: str, generation: int, after: int, channel: str) -> int | None:
        """Return the first number of a mailbox after one that a channel has not confirmed; None if it has them all."""
        mail, deliveries = tables.mail, tables.deliveries
        confirmed = exists().where(deliveries.c.disclosure == mail.c.disclosure, deliveries.c.channel == channel)
        query = select(func.min(mail.c.number)).where(
            mail.c.recipient == recipient, mail.c.generation == generation, mail.c.number > after, ~confirmed
        )
        first: int | None = self._connection.execute(query).scalar_one()
        return first

    def mailboxes(self) -> dict[str, Mailbox]:
        """Return where every mailbox stands that was ever written to."""
        return {
            row.recipient: Mailbox(row.recipient, row.generation, row.top, row.kept_from, row.confirmed)
            for row in self._all(_MAILBOXES)
        }

    def letters(self, stretches: Sequence[Stretch]) -> tuple[Letter, ...]:
        """Return the messages of several mailboxes; each mailbox's in order of their numbers."""
        mail, disclosures = tables.mail, tables.disclosures
        found: list[Row[Any]] = []
        for start in range(0, len(stretches), _AT_ONCE):
            wanted = or_(
                *(
                    and_(
                        mail.c.recipient == one.recipient,
                        mail.c.generation == one.generation,
                        mail.c.number.between(one.first, one.last),
                    )
                    for one in stretches[start : start + _AT_ONCE]
                )
            )
            query = select(mail, disclosures.c.trace).join(disclosures, disclosures.c.id == mail.c.disclosure)
            found += self._rows(query.where(wanted))
        found.sort(key=lambda row: (row.recipient, row.generation, row.number))
        return tuple(Letter(self._mail(row), row.trace) for row in found)

    def channel_keys(self) -> tuple[ChannelKey, ...]:
        """Return all channel keys that have not been erased, the oldest first."""
        query = select(tables.channel_keys).order_by(tables.channel_keys.c.begun_at, tables.channel_keys.c.kid)
        return tuple(ChannelKey(row.kid, row.agency, row.begun_at) for row in self._rows(query))

    def channel_key(self, kid: str) -> ChannelKey | None:
        """Return one channel key."""
        row = self._row(select(tables.channel_keys).where(tables.channel_keys.c.kid == kid))
        return None if row is None else ChannelKey(row.kid, row.agency, row.begun_at)


class RelayWriting(RelayReading):
    """Changes what the relay keeps."""

    def put_out_stream(self, stream: OutStream) -> None:
        """Keep what is known of the stream."""
        self._put(tables.out_stream, [vars(stream)])

    def forget_out_stream(self, name: str) -> None:
        """Know of no stream any more: before it is made anew."""
        self._connection.execute(delete(tables.out_stream).where(tables.out_stream.c.name == name))

    def put_out_positions(self, positions: Sequence[OutPosition]) -> None:
        """Keep how far mail has gone."""
        self._put(tables.out_positions, [vars(one) for one in positions])

    def add_channel_key(self, key: ChannelKey) -> None:
        """Bring a channel key into use."""
        self._add(tables.channel_keys, [vars(key)])

    def remove_channel_key(self, kid: str) -> None:
        """Forget a channel key, after it was erased from the vault."""
        self._connection.execute(delete(tables.channel_keys).where(tables.channel_keys.c.kid == kid))
