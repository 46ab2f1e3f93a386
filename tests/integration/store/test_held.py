"""The connection that a database keeps at hand for its commits: the same one, as long as it is worth anything."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from broker.store import held
from broker.store.engine import open_engine
from broker.store.held import HeldConnection
from broker.store.transactions import Database


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def _line(connection: Connection) -> Any:
    """What the driver calls the connection."""
    return connection.connection.dbapi_connection


def _used(at_hand: HeldConnection) -> Any:
    with at_hand.use() as connection, connection.begin():
        connection.execute(text("SELECT 1"))
        return _line(connection)


def _out(engine: Engine) -> int:
    """How many connections the pool has given out."""
    given: int = engine.pool.checkedout()  # type: ignore[attr-defined]
    return given


def test_one_commit_after_another_has_the_same(engine: Engine) -> None:
    """Whoever else asks the pool meanwhile gets another."""
    at_hand = HeldConnection(engine, writing=True)
    first = _used(at_hand)
    with engine.connect() as other:
        assert _line(other) is not first
    assert _used(at_hand) is first
    assert _out(engine) == 1
    at_hand.close()
    assert _out(engine) == 0


def test_two_at_once_have_two(engine: Engine) -> None:
    """One of them stays at hand, the other goes back to the pool."""
    at_hand = HeldConnection(engine)
    with at_hand.use() as one, at_hand.use() as two:
        lines = {_line(one), _line(two)}
        assert len(lines) == 2
    assert _out(engine) == 1
    assert _used(at_hand) in lines
    at_hand.close()


def test_after_a_failure_the_pool_sees_to_it(engine: Engine) -> None:
    """Nothing of a transaction that was left open comes before the next commit."""
    at_hand = HeldConnection(engine)

    def fail_half_way() -> None:
        with at_hand.use() as connection:
            connection.execute(text("CREATE TABLE half_done (number int)"))
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    assert _out(engine) == 0
    with at_hand.use() as connection, connection.begin(), pytest.raises(DBAPIError):
        connection.execute(text("SELECT number FROM half_done"))
    at_hand.close()


def test_one_that_has_lain_idle_is_tried_first(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server may have gone: it comes from the pool again, which looks."""
    at_hand = HeldConnection(engine)
    _used(at_hand)
    given = []
    event.listen(engine, "checkout", lambda *_: given.append(True))
    _used(at_hand)
    assert not given
    monkeypatch.setattr(held, "UNTRIED_SECONDS", 0.0)
    _used(at_hand)
    assert given == [True]
    at_hand.close()


def test_one_in_use_when_the_database_is_closed_follows_at_its_end(engine: Engine) -> None:
    at_hand = HeldConnection(engine)
    with at_hand.use() as connection:
        at_hand.close()
        assert connection.execute(text("SELECT 1")).scalar() == 1
        connection.rollback()
        assert _out(engine) == 1
    assert _out(engine) == 0


def test_many_threads_each_have_their_own(engine: Engine) -> None:
    """No two use one connection at the same time."""
    at_hand, using, twice = HeldConnection(engine), set[int](), []
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with at_hand.use() as connection, connection.begin():
                mark = id(_line(connection))
                with lock:
                    twice.extend([mark] if mark in using else [])
                    using.add(mark)
                connection.execute(text("SELECT 1"))
                with lock:
                    using.discard(mark)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not twice
    at_hand.close()
    assert _out(engine) == 0


def test_a_database_that_is_closed_has_no_connection_left(database_url: str) -> None:
    database = Database(database_url)
    for _ in range(2):
        with database.writing() as connection:
            connection.execute(text("SELECT 1"))
        with database.glancing() as connection:
            connection.execute(text("SELECT 1"))
    assert _out(database.engine) == 2
    database.close()
    assert _out(database.engine) == 0
