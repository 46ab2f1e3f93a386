"""Hubs to be killed: on each database, and as replicas on one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance.hub_process import HubProcess

QUICK = {
    "CONCORDAT_CHECKPOINT_SECONDS": "0.2",
    "CONCORDAT_TICK_SECONDS": "0.2",
}
"""Checkpoints come often, so that there is no moment without one being made."""


@pytest.fixture
def extra_deaths() -> int:
    """How many more deaths than usual a night has: CONCORDAT_SOAK, which `make soak` sets."""
    return int(os.environ.get("CONCORDAT_SOAK") or 0)


@pytest.fixture
def postgres_settings(_postgres_server: Any, postgres_url: str) -> Iterator[dict[str, str]]:
    """Settings of a hub on PostgreSQL, main database and key store both."""
    name = f"keys_{os.urandom(8).hex()}"
    with psycopg.connect(_postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    keys = _postgres_server.get_uri(database=name)
    yield QUICK | {"CONCORDAT_DATABASE_URL": postgres_url, "CONCORDAT_KEYSTORE_URL": keys}
    with psycopg.connect(_postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def hub_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a hub, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return dict(QUICK)
    settings: dict[str, str] = request.getfixturevalue("postgres_settings")
    return settings


Process = Callable[..., HubProcess]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Makes hubs that have not been started; none outlives the test. All stand on one state folder."""
    made: list[HubProcess] = []

    def make(settings: dict[str, str]) -> HubProcess:
        made.append(HubProcess(tmp_path / "state", settings))
        return made[-1]

    yield make
    for one in made:
        one.abandon()
