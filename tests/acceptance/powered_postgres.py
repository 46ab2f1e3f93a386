"""A PostgreSQL on a disk that can lose power: its data in a folder there, its programs those of the wheel."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.disk import Disk
from tests.acceptance.hub_process import PATIENCE, free_port

DATABASES = ("hub", "keys")
_SMALL_LOGS = "--wal-segsize=1"
"""A file is taken note of as a whole at each flush: sixteen megabytes of write-ahead log would be slow."""


@dataclass
class Cluster:
    """A server's data, a port that it keeps, and the user that it runs as."""

    data: Path
    programs: Path
    user: int
    port: int = field(default_factory=free_port)

    @classmethod
    def made(cls, data: Path, server: Any) -> "Cluster":
        """Make an empty one with the programs of a server of the wheel, and as that one's user."""
        user = os.geteuid() if server.system_user is None else pwd.getpwnam(server.system_user).pw_uid
        data.mkdir(mode=0o700)
        os.chown(data, user, -1)
        cluster = cls(data, server.bin_path, user)
        command = [cluster.programs / "initdb", "--auth=trust", "-U", "postgres", "--no-sync", _SMALL_LOGS, "-D", data]
        subprocess.run(command, user=server.system_user, check=True, stdout=subprocess.DEVNULL)
        with cluster.unwatched():
            for name in DATABASES:
                cluster.execute(f"CREATE DATABASE {name}", "postgres")
        return cluster

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str, name: str = "hub") -> None:
        """Run a statement that is committed by itself."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self, disk: Disk, log: Path, **settings: str) -> None:
        """Run on a disk until the power goes, and wait until it answers. Raises CannotWatch."""
        process = disk.run(self._command(settings), os.environ, log, user=self.user)
        self._wait(process, log)

    @contextlib.contextmanager
    def unwatched(self) -> Iterator[None]:
        """Run as long as the block, while nobody takes note of what is flushed; then stop in good order."""
        log = self.data.parent.with_name("unwatched.log")
        with log.open("ab") as said, subprocess.Popen(self._command({}), user=self.user, stderr=said) as process:
            try:
                self._wait(process, log)
                yield
            finally:
                process.send_signal(signal.SIGINT)  # asks connections to end, instead of waiting until they do

    def _command(self, settings: dict[str, str]) -> list[str]:
        given = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""} | settings
        options = [f"--{name}={value}" for name, value in given.items()]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def _wait(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.execute("SELECT 1", "postgres")
            except psycopg.OperationalError:
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < deadline, "PostgreSQL never answered"
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
