"""An agency looks after its webhooks at the terminal: made, tried, changed, sent again, removed."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.integration.cli.conftest import Concordat, RunningHub, hub_in

POLICE = ("--agency", "northmere-police")
ON_THIS_MACHINE = {"CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8", "CONCORDAT_NATS": "off"}


@dataclass
class Desk:
    """A system that takes webhooks, or refuses them."""

    url: str
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def has(self, count: int) -> bool:
        """Wait until so many requests have come."""
        with self.news:
            return self.news.wait_for(lambda: len(self.got) >= count, 30)


@contextmanager
def desk() -> Iterator[Desk]:
    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with one.news:
                one.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                one.news.notify_all()
            self.send_response(one.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    one = Desk(f"http://127.0.0.1:{server.server_address[1]}/concordat?desk=7")
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield one
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.fixture(scope="module")
def own_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub that sends webhooks within this machine."""
    with hub_in(tmp_path_factory.mktemp("hub") / "state", **ON_THIS_MACHINE) as running:
        yield running


def test_an_endpoint_is_made_tried_and_changed(own_hub: RunningHub) -> None:
    """A force's desk is set up without a line of code; what it is sent is verified by the printed secret."""
    concordat = Concordat(own_hub.state, own_hub.url)
    with desk() as one:
        (made,) = concordat.lines("endpoint", "add", *POLICE, "--url", one.url, "--type", "concordat.episode.*")
        assert made["types"] == ["concordat.episode.*"]
        (tried,) = concordat.lines("endpoint", "test", made["id"], *POLICE)
        assert tried["outcome"] == "delivered"
        headers, body = one.got[0]
        Webhook(made["secret"]).verify(body, headers)

        one.status = 500
        failed = concordat("endpoint", "test", made["id"], *POLICE)
        assert failed.returncode == 1
        assert "has not arrived" in failed.stderr

        (rotated,) = concordat.lines("endpoint", "rotate-secret", made["id"], *POLICE)
        assert rotated["secret"] != made["secret"]
        nothing = concordat("endpoint", "change", made["id"], *POLICE)
        assert nothing.returncode == 2
        changed = ("endpoint", "change", made["id"], *POLICE, "--type", "*", "--content", "notice", "--disable")
        (after,) = concordat.lines(*changed)
        assert (after["types"], after["content"], after["enabled"]) == (["*"], "notice", False)
        # Shown at the making and at the rotation alone.
        (shown,) = concordat.lines("endpoint", "show", made["id"], *POLICE)
        (listed,) = concordat.lines("endpoint", "list", *POLICE)
        assert shown == listed == after
        assert "secret" not in shown
        assert concordat("endpoint", "show", made["id"], "--agency", "harbour-house").returncode == 3
        assert made["id"] in concordat("endpoint", "list", *POLICE).stdout
        assert concordat("endpoint", "remove", made["id"], *POLICE, "--yes").returncode == 0
        assert concordat.lines("endpoint", "list", *POLICE) == []


def test_after_an_outage_what_is_missing_is_sent_again(own_hub: RunningHub) -> None:
    """The desk lost what it had taken: one message is sent again by its attempt, and the rest from a position on."""
    concordat = Concordat(own_hub.state, own_hub.url)
    with desk() as one:
        (made,) = concordat.lines("endpoint", "add", *POLICE, "--url", one.url)
        for _ in range(2):
            event = concordat.example("concordat.episode.opened.v1", "harbour-house", "--full")
            concordat.publish(event, "harbour-house")
        assert one.has(2)
        assert _attempts(concordat, made["id"], 2)
        first = _attempts(concordat, made["id"], 2)[-1]
        assert first["outcome"] == "delivered"
        (again,) = concordat.lines("endpoint", "resend", made["id"], first["id"], *POLICE)
        assert again["message_id"] == first["message_id"]
        assert one.has(3)
        assert one.got[-1][0]["webhook-id"] == first["message_id"]

        one.status = 503
        event = concordat.example("concordat.episode.opened.v1", "harbour-house", "--full")
        concordat.publish(event, "harbour-house")
        assert one.has(4)
        one.status = 200
        (begun,) = concordat.lines("endpoint", "recover", made["id"], "--after", first["sequence"], *POLICE)
        assert begun["after"] == first["sequence"]
        assert one.has(5)
        assert json.loads(one.got[-1][1])["id"] == json.loads(one.got[3][1])["id"]
        assert concordat("endpoint", "attempts", made["id"], *POLICE).stdout.count("delivered") >= 3
        concordat("endpoint", "remove", made["id"], *POLICE, "--yes")


def test_a_secret_is_on_stdout_and_nowhere_else(tmp_path: Path) -> None:
    """Whoever reads the hub's log, or what a command says aside, learns no secret and no private address."""
    state = tmp_path / "hub"
    settings = ON_THIS_MACHINE | {"CONCORDAT_LOG_LEVEL": "debug"}
    with desk() as one, hub_in(state, **settings) as hub:
        concordat = Concordat(state, hub.url)
        made = concordat("endpoint", "add", *POLICE, "--url", one.url)
        told = json.loads(made.stdout)
        rotated = concordat("endpoint", "rotate-secret", told["id"], *POLICE)
        secrets = {told["secret"], json.loads(rotated.stdout)["secret"]}
        concordat("endpoint", "test", told["id"], *POLICE)
        assert hub.stop(signal.SIGTERM) == 0
        for secret in secrets:
            assert secret not in hub.page + made.stderr + rotated.stderr
        assert "desk=7" not in hub.page
        # At rest they are sealed.
        files = [file.read_bytes() for file in state.rglob("*") if file.is_file()]
        assert not any(secret.encode() in file for file in files for secret in secrets)


def _attempts(concordat: Concordat, endpoint: str, count: int) -> list[dict[str, str]]:
    """Attempts are recorded after the answer: look until they are."""
    for _ in range(50):
        found = concordat.lines("endpoint", "attempts", endpoint, *POLICE)
        if len(found) >= count:
            return found
    raise AssertionError("the attempts were never recorded")
