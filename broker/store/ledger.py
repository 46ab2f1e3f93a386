"""The ledger at rest: the growing edge, the entries, the nodes, the checkpoints."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select, update

from broker.ledger.tree import Frontier, Node
from broker.ports.records import CheckpointRecord, EntryRecord, Scope
from broker.store import tables
from broker.store.session import Session
from contracts.ledger_entry import Operation

_OPENING = "entry.opening"
_LOCK = select(tables.head).with_for_update()
_LEAVES = (
    select(tables.entries.c.leaf_hash)
    .where(tables.entries.c.place >= bindparam("start"), tables.entries.c.place < bindparam("end"))
    .order_by(tables.entries.c.place)
)
_NODES = (
    select(tables.nodes.c.hash)
    .where(
        tables.nodes.c.level == bindparam("level"),
        tables.nodes.c.place >= bindparam("start"),
        tables.nodes.c.place < bindparam("end"),
    )
    .order_by(tables.nodes.c.place)
)
_LATEST = select(tables.checkpoints).order_by(tables.checkpoints.c.size.desc()).limit(1)
_MOVE_EDGE = update(tables.head).values(frontier=bindparam("edge"))


class LedgerReading(Session):
    """Reads the ledger."""

    def frontier(self) -> Frontier:
        """Return the committed edge of the tree."""
        return Frontier.from_bytes(self._head().frontier)

    def nodes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """Return up to `count` hashes of a tile level from index `start`; level 0 are the leaf hashes."""
        if level == 0:
            return [row.leaf_hash for row in self._all(_LEAVES, start=start, end=start + count)]
        return [row.hash for row in self._all(_NODES, level=level, start=start, end=start + count)]

    def entry(self, entry_id: str) -> EntryRecord | None:
        """Return one entry."""
        row = self._row(select(tables.entries).where(tables.entries.c.id == entry_id))
        if row is None:
            return None
        scope = None if row.scope_subject is None else Scope(row.scope_subject, row.scope_controller)
        return EntryRecord(
            id=row.id,
            operation=Operation(row.operation),
            leaf=row.leaf,
            leaf_hash=row.leaf_hash,
            scope=scope,
            opening=None if scope is None else self._seals.open(scope, _OPENING, (row.id,), row.opening),
            place=row.place,
        )

    def latest_checkpoint(self) -> CheckpointRecord | None:
        """Return the checkpoint of the largest tree published."""
        row = self._one(_LATEST)
        return None if row is None else CheckpointRecord(row.size, row.root, row.note, row.at)


class LedgerWriting(LedgerReading):
    """Appends to the ledger."""

    def lock(self) -> None:
        """Take the writers' lock before anything else: what is read after it, the writer before has committed.

        What it gives itself is the head as that writer left it (PostgreSQL 13.2.1: a row that is locked is read anew).
        It is asked along with what is foreseen then, each in a statement of its own, and so as of a moment of its own.
        """
        self._ask_head = _LOCK
        self._expect(_LOCK)

    def put_frontier(self, frontier: Frontier, nodes: Iterable[Node]) -> None:
        """Move the edge of the tree, and keep the subtrees completed on the way."""
        self._head_read = None
        self._do(_MOVE_EDGE, [{"edge": frontier.to_bytes()}])
        self._add(tables.nodes, [{"level": node.level, "place": node.index, "hash": node.hash} for node in nodes])

    def add_entries(self, entries: Sequence[EntryRecord], first: int) -> None:
        """Append entries in this order, the first at index `first`. ValueError if an opening has no scope."""
        if any(entry.opening is not None and entry.scope is None for entry in entries):
            raise ValueError("an opening needs the scope whose key seals it")
        self._seals.prepare(entry.scope for entry in entries if entry.scope is not None)
        self._add(tables.entries, [self._entry_row(entry, place) for place, entry in enumerate(entries, first)])

    def _entry_row(self, entry: EntryRecord, place: int) -> tuple[object, ...]:
        entry_id, operation, leaf, leaf_hash, scope, opening, _ = entry
        if scope is None:
            return place, entry_id, str(operation), leaf, leaf_hash, None, None, None
        sealed = None if opening is None else self._seals.seal(scope, _OPENING, (entry_id,), opening)
        return place, entry_id, str(operation), leaf, leaf_hash, *scope, sealed

    def add_checkpoint(self, checkpoint: CheckpointRecord) -> None:
        """Keep a published checkpoint."""
        row = {"size": checkpoint.size, "root": checkpoint.root, "note": checkpoint.note, "at": checkpoint.at}
        self._add(tables.checkpoints, [row])
