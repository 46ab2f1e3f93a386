"""Wake-ups across replicas: PostgreSQL's LISTEN and NOTIFY on one connection of its own."""

import os
import select
import threading
from contextlib import suppress

import psycopg

from broker.ports.notifier import LocalNotifier
from broker.store.engine import read_url

CHANNEL = "concordat_mail"
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
LOOK_SECONDS = 30.0
"""How often a silent connection is tried, so that one that died unseen is made anew."""
CLOSE_SECONDS = 3.0
"""How long a stop waits for the last wake-up to leave: others look for themselves when none comes."""


class PostgresNotifier:
    """A Notifier for several replicas. Waiters of this process are woken at once, those of others through PostgreSQL.

    One thread holds the connection and makes it anew when it is lost. A wake-up carries nothing: no id, no recipient.
    """

    def __init__(self, url: str) -> None:
        """Start listening; the connection is made in the background. ValueError if the URL is not PostgreSQL's."""
        parsed = read_url(url)
        if parsed.get_backend_name() != "postgresql":
            raise ValueError("wake-ups between replicas need PostgreSQL: postgresql://<user>@<host>/<database>")
        self._conninfo = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        self._local = LocalNotifier()
        self._closing = threading.Event()
        self._listening = threading.Event()
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)
        self._thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Wake every waiter, here and at the other replicas. Never waits for the database, never fails."""
        self._local.wake()
        self._ring()

    async def wait(self, seconds: float) -> None:
        """Return at the next wake-up, or when the time has passed."""
        await self._local.wait(seconds)

    def listening(self, seconds: float) -> bool:
        """Wait until other replicas are heard; False if that takes longer."""
        return self._listening.wait(seconds)

    def close(self) -> None:
        """Stop listening."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._ring()
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            return  # PostgreSQL neither answers nor hangs up. The thread ends with the process, and the pipe with it.
        os.close(self._bell)
        os.close(self._rope)

    def _ring(self) -> None:
        # A full pipe rings already; a closed one has nobody left to tell.
        with suppress(OSError):
            os.write(self._rope, b"!")

    def _silence(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._bell, 4096):
                pass

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._closing.is_set():
            with suppress(psycopg.Error, OSError), self._connected() as connection:
                pause = FIRST_PAUSE_SECONDS
                self._listening.set()
                # What was rung while nobody listened is lost: let everybody look, here and elsewhere.
                self._local.wake()
                connection.execute(f"NOTIFY {CHANNEL}")
                self._pass_on(connection)
            self._listening.clear()
            self._closing.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _connected(self) -> psycopg.Connection:
        connection = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=10)
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def _pass_on(self, connection: psycopg.Connection) -> None:
        """Until closed or cut off: a ring here becomes a NOTIFY, a NOTIFY from elsewhere wakes the waiters here."""
        own = connection.info.backend_pid
        while not self._closing.is_set():
            ready, _, _ = select.select([connection.fileno(), self._bell], [], [], LOOK_SECONDS)
            if self._bell in ready:
                self._silence()
                connection.execute(f"NOTIFY {CHANNEL}")
            elif not ready:
                connection.execute("SELECT 1")
            if any(notify.pid != own for notify in connection.notifies(timeout=0)):
                self._local.wake()
