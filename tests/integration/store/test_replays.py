"""A client assertion serves once, whichever replica it is shown to and whoever restarts in between."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from broker.store.engine import open_engine
from broker.store.replays import SqlReplays


def test_an_assertion_serves_once_at_all_replicas(database_url: str) -> None:
    """The second replica knows what the first has taken, and so does the first after a restart."""
    one, other = SqlReplays(database_url), SqlReplays(database_url)
    assert one.is_first("harbour-house", "a", expires=100, now=10)
    assert not other.is_first("harbour-house", "a", expires=100, now=11)
    one.close()
    again = SqlReplays(database_url)
    assert not again.is_first("harbour-house", "a", expires=100, now=12)
    assert again.is_first("northmere-police", "a", expires=100, now=12)
    other.close()
    again.close()


def test_replicas_that_start_together_make_one_memory(postgres_url: str) -> None:
    """Those that find the same empty key store at one moment make it once, and none of them falls over."""
    for _ in range(5):
        with ThreadPoolExecutor(6) as threads:
            replicas = list(threads.map(lambda _: SqlReplays(postgres_url), range(6)))
        assert [one.is_first("harbour-house", "a", expires=100, now=10) for one in replicas].count(True) == 1
        for one in replicas:
            one.close()
        engine = open_engine(postgres_url)
        with engine.connect() as connection, connection.begin():
            connection.execute(text("DROP TABLE used_assertions"))
        engine.dispose()


def test_what_has_expired_is_forgotten(database_url: str) -> None:
    """The memory does not grow for ever: an expired assertion is refused for its age, not for its use."""
    replays = SqlReplays(database_url)
    assert replays.is_first("harbour-house", "a", expires=20, now=10)
    assert replays.is_first("harbour-house", "b", expires=90, now=21)
    assert replays.is_first("harbour-house", "a", expires=90, now=22)
    replays.close()
