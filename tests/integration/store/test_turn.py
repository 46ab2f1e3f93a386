"""Writers of several processes on one SQLite file come one after the other, and none waits for the dead."""

import signal
import subprocess
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from broker.ports.store import StoreUnavailable
from broker.ports.vault import MemoryVault
from broker.store import turn as turns
from broker.store.database import SqlStore
from broker.store.transactions import Database
from broker.store.turn import Turn

HOLDER = """
import sys
from broker.store.turn import Turn
with Turn(sys.argv[1]):
    print("mine", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the turn, until it reads a line."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "turn")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


@pytest.mark.parametrize("end", ["gives it up", "dies"])
def test_it_is_had_as_soon_as_the_other_gives_it_up(holder, tmp_path, end):
    """Not at the next look of a lock that sleeps for a tenth of a second; and a dead holder holds nothing."""
    turn = Turn(str(tmp_path / "turn"))
    if end == "dies":
        holder.send_signal(signal.SIGKILL)
    else:
        holder.stdin.write("\n")
        holder.stdin.flush()
    with turn:
        assert turn._holder is not None
    turn.close()


def test_it_is_not_waited_for_without_end(holder, tmp_path, monkeypatch):
    """Whoever has waited as long as for a database lock says so, and can come again."""
    monkeypatch.setattr(turns, "LOCK_SECONDS", 0.05)
    turn = Turn(str(tmp_path / "turn"))
    with pytest.raises(WaitedTooLong, match="another process"), turn:
        pytest.fail("two had the turn at once")
    holder.kill()
    holder.wait()
    with turn:
        pass


def test_a_writer_waits_for_its_turn_and_a_reader_does_not(tmp_path, monkeypatch):
    """Two openings of one file stand for two processes: the system tells them apart by their descriptors."""
    monkeypatch.setattr(turns, "LOCK_SECONDS", 0.05)
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    one, other = Database(url), Database(url)
    try:
        with one.writing() as connection:
            connection.execute(text("CREATE TABLE notes (words TEXT)"))
        with one.writing() as connection:
            connection.execute(text("INSERT INTO notes VALUES ('invented')"))
            with other.reading() as reader:
                assert reader.execute(text("SELECT count(*) FROM notes")).scalar() == 0
            with pytest.raises(WaitedTooLong), other.writing():
                pytest.fail("two wrote at once")
        with other.writing() as connection:
            assert connection.execute(text("SELECT count(*) FROM notes")).scalar() == 1
    finally:
        one.close()
        other.close()


def test_a_file_that_cannot_be_used_is_a_database_that_does_not_answer(tmp_path):
    """Publishers are asked to come again, as for any other trouble of the database; and a later try may succeed."""
    file = tmp_path / "hub.sqlite-turn"
    store = SqlStore(f"sqlite:///{tmp_path / 'hub.sqlite'}", MemoryVault())
    file.mkdir()
    with pytest.raises(StoreUnavailable), store.writing():
        pytest.fail("it was written without a turn")
    file.rmdir()
    with store.writing() as unit:
        assert unit.registry_version() == 0
    store.close()


def test_its_file_is_the_owners_own(tmp_path):
    """It holds nothing, and nobody else may keep the hub from writing."""
    turn = Turn(str(tmp_path / "turn"))
    with turn:
        pass
    turn.close()
    assert (tmp_path / "turn").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "turn").stat().st_size == 0
