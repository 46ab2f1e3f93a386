"""Writers one after the other: threads, processes, and one that is killed half-way."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from broker.ports.records import CheckpointRecord, EventRecord, Mailbox
from broker.ports.store import StoreUnavailable, Unit
from broker.ports.vault import MemoryVault
from broker.store import tables
from broker.store.database import SqlStore, SqlUnit
from contracts.disclosure import Operation

COUNTER = "eastvale-council"
TAKE_NUMBERS = """
import sys
from broker.ports.records import Mailbox
from broker.ports.vault import MemoryVault
from broker.store.database import SqlStore
store = SqlStore(sys.argv[1], MemoryVault())
for _ in range(int(sys.argv[2])):
    with store.writing() as unit:
        number = unit.mailbox("eastvale-council").top + 1
        unit.put_mailboxes([Mailbox("eastvale-council", 1, number)])
    print(number, flush=True)
"""
STOP_HALF_WAY = """
import sys
from datetime import UTC, datetime
from broker.ports.records import CheckpointRecord, Mailbox
from broker.ports.vault import MemoryVault
from broker.store.database import SqlStore
with SqlStore(sys.argv[1], MemoryVault()).writing() as unit:
    unit.put_mailboxes([Mailbox("eastvale-council", 1, 99)])
    for size in range(1, 3000):
        unit.add_checkpoint(CheckpointRecord(size, b"r" * 32, "note" * 500, datetime.now(UTC)))
    unit.finish()
    print("half-way", flush=True)
    sys.stdin.read()
"""


def _program(text: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", text, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _take(store: SqlStore) -> int:
    with store.writing() as unit:
        number = unit.mailbox(COUNTER).top + 1
        unit.put_mailboxes([Mailbox(COUNTER, 1, number)])
    return number


def _rows(store: SqlStore) -> dict[str, int]:
    with store._database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.metadata.tables.items()
        }


def test_threads_of_two_replicas_take_numbers_without_gap_or_double(open_store: Callable[[], SqlStore]) -> None:
    """Two replicas with three threads each: every number once, none left out, none lost."""
    replicas = [open_store(), open_store()]
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda turn: _take(replicas[turn % 2]), range(60)))
    assert sorted(taken) == list(range(1, 61))
    with replicas[0].reading() as view:
        assert view.mailbox(COUNTER).top == 60


def test_processes_take_numbers_without_gap_or_double(open_store: Callable[[], SqlStore], database_url: str) -> None:
    """The command line writes beside the hub: they take turns too."""
    open_store()
    programs = [_program(TAKE_NUMBERS, database_url, "25") for _ in range(2)]
    taken = [int(line) for program in programs for line in program.communicate()[0].split()]
    assert [program.returncode for program in programs] == [0, 0]
    assert sorted(taken) == list(range(1, 51))


def test_writer_killed_half_way_leaves_nothing_and_keeps_nobody_out(
    open_store: Callable[[], SqlStore], database_url: str
) -> None:
    """Power is cut to a replica in the middle of its transaction: the next one begins where the one before ended."""
    store = open_store()
    _take(store)
    before = _rows(store)
    program = _program(STOP_HALF_WAY, database_url)
    assert program.stdout is not None
    assert program.stdout.readline() == "half-way\n"
    program.kill()
    program.communicate()
    assert _take(store) == 2
    assert _rows(store) == before


def test_exception_in_the_flow_leaves_nothing(store: SqlStore, night: Any) -> None:
    """A flow that fails after it has written everything has written nothing, and its own exception comes through."""
    before = _rows(store)

    class FlowFailed(Exception):
        pass

    def flow() -> None:
        with store.writing() as unit:
            night.publish(unit)
            unit.put_police_area("E06000901", "northmere-police")
            raise FlowFailed

    with pytest.raises(FlowFailed):
        flow()
    assert _rows(store) == before
    with store.reading() as view:
        assert (view.frontier().size, view.registry_version(), view.police_areas()) == (0, 0, {})


def test_failed_statement_cannot_be_passed_over(store: SqlStore, night: Any) -> None:
    """A flow that swallows a database error gets no commit: PostgreSQL would have rolled back without a word."""
    with store.writing() as unit:
        night.publish(unit)
    before = _rows(store)

    def again(unit: Unit, event: EventRecord) -> None:
        unit.add_events([event])
        unit.event(event.source, event.id)  # before it is asked for, it is written at the latest

    def careless_flow() -> None:
        with store.writing() as unit:
            event, _ = night.publish(unit)
            with pytest.raises(DBAPIError, match=r"(?i)unique"):
                again(unit, event)

    with pytest.raises(StoreUnavailable):
        careless_flow()
    assert _rows(store) == before


@pytest.mark.parametrize(
    "twice",
    [
        lambda unit, told: unit.add_events([unit.event(told.event_source, told.event_id)]),
        lambda unit, told: unit.add_disclosures([told]),
        lambda unit, told: unit.add_mail([unit.mail_of(told.id)]),
        lambda unit, told: unit.add_entries([unit.entry(told.id)], 100),
        lambda unit, told: unit.add_checkpoint(CheckpointRecord(2, b"r", "note", told.at)),
    ],
    ids=["event", "disclosure", "mail", "entry", "checkpoint"],
)
def test_nothing_is_numbered_twice(store: SqlStore, night: Any, twice: Callable[..., None]) -> None:
    """Should a sequencer ever repeat itself, the database refuses, and says so as being unavailable."""
    with store.writing() as unit:
        event, (told,) = night.publish(unit)
        unit.add_checkpoint(CheckpointRecord(2, b"r", "note", event.accepted_at))
    before = _rows(store)
    with pytest.raises(StoreUnavailable) as refused, store.writing() as unit:
        twice(unit, told)
    assert _rows(store) == before
    chain = [refused.value, refused.value.__cause__, getattr(refused.value.__cause__, "orig", None)]
    assert not any(value in f"{error}" for error in chain for value in (event.id, told.id, event.source))


def test_no_disclosure_without_its_entry(store: SqlStore, night: Any) -> None:
    """Append before release holds in the database itself: a disclosure that no entry records is refused."""
    with store.writing() as unit:
        _, (told,) = night.publish(unit)
    before = _rows(store)
    with pytest.raises(StoreUnavailable), store.writing() as unit:
        unit.add_disclosures([told._replace(id="no-such-entry")])
    assert _rows(store) == before


def test_opening_without_a_scope_is_refused(store: SqlStore, night: Any) -> None:
    """What opens an entry is sealed under somebody's key, or it is not stored."""
    with pytest.raises(ValueError, match="scope"), store.writing() as unit:
        unit.add_entries([night.entry(Operation.ACCEPTED, None)], 0)


def test_view_is_one_state(open_store: Callable[[], SqlStore], night: Any) -> None:
    """What another replica commits in the meantime does not come into a view that is already reading."""
    reader, writer = open_store(), open_store()
    with reader.reading() as view:
        assert view.frontier().size == 0
        with writer.writing() as unit:
            event, _ = night.publish(unit)
        assert view.frontier().size == 0
        assert view.event(event.source, event.id) is None
    with reader.reading() as view:
        assert view.event(event.source, event.id) is not None


def test_writer_reads_what_the_writer_before_it_committed(open_store: Callable[[], SqlStore]) -> None:
    """A writer that waited for the lock while another committed reads the other's state, not an older one."""
    first, second = open_store(), open_store()
    with ThreadPoolExecutor(1) as thread:
        with first.writing() as unit:
            assert unit.mailbox(COUNTER).top == 0
            waiting = thread.submit(_take, second)
            unit.put_mailboxes([Mailbox(COUNTER, 1, 41)])
        assert waiting.result() == 42


def test_writer_that_waited_has_the_head_as_the_one_before_left_it(open_store: Callable[[], SqlStore]) -> None:
    """What takes the lock gives the head too: not that of the moment when it was asked."""
    first, second = open_store(), open_store()

    def look() -> tuple[int, int]:
        with second.writing() as unit:
            return unit.registry_version(), unit.frontier().size

    with ThreadPoolExecutor(1) as thread:
        with first.writing() as unit:
            assert unit.registry_version() == 0
            waiting = thread.submit(look)
            unit.put_police_area("E06000901", "northmere-police")
            grown, nodes = unit.frontier().append([b"l" * 32])
            unit.put_frontier(grown, nodes)
        assert waiting.result() == (1, 1)


def test_store_in_memory_is_the_same_store(night: Any) -> None:
    """`sqlite://` serves threads one after the other, and is gone when closed."""
    store = SqlStore("sqlite://", MemoryVault())
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(lambda _: _take(store), range(20))) == list(range(1, 21))
    with store.writing() as unit:
        event, _ = night.publish(unit)
    with store.reading() as view:
        assert view.events_about(event.subject)[0].content == event.content
        with pytest.raises(RuntimeError, match="already"), store.writing():
            pass
    store.close()


def test_database_that_is_gone_is_said_to_be_unavailable(night: Any, postgres_url: str) -> None:
    """Connections cut by the server in the middle of a unit: no outcome is claimed, and the next unit works."""
    store = SqlStore(postgres_url, MemoryVault())

    def cut_off() -> None:
        with store.writing() as unit:
            night.publish(unit)
            assert isinstance(unit, SqlUnit)
            unit._connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StoreUnavailable):
        cut_off()
    assert _rows(store)["entries"] == 0
    assert _take(store) == 1
    store.close()
    with pytest.raises(StoreUnavailable):
        SqlStore("postgresql://nobody@127.0.0.1:1/none", MemoryVault())
