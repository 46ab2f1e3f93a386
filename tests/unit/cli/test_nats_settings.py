"""Settings of NATS that contradict each other stop the hub with the names of the settings, never their values."""

from pathlib import Path

import pytest

from broker.cli.ended import Ended
from broker.cli.settle import settings_for


def test_without_settings_the_server_is_embedded_and_for_this_machine() -> None:
    """A first run needs nothing, and opens no port to others."""
    settings = settings_for(None)
    assert (settings.nats, settings.nats_host, settings.embedded_nats_port) == ("embedded", "127.0.0.1", 4222)
    assert settings_for(None, port=0).embedded_nats_port == 0


def test_a_url_means_servers_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable is enough to use an external cluster."""
    monkeypatch.setenv("CONCORDAT_NATS_URL", "tls://nats-1.northmere.example:4222")
    assert settings_for(None).nats == "external"


@pytest.mark.parametrize(
    "given",
    [
        {"nats": "external"},
        {"nats": "embedded", "nats_url": "nats://secret-name:4222"},
        {"nats_certificate": Path("secret-name")},
        {"nats_operator_jwt": Path("secret-name")},
        {"nats_host": "192.0.2.7"},
    ],
)
def test_contradictions_are_refused(given: dict[str, object]) -> None:
    """The sentence names the variables to change."""
    with pytest.raises(Ended, match="CONCORDAT_NATS") as refusal:
        settings_for(None, **given)
    assert "secret-name" not in str(refusal.value)
