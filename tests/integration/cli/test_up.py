"""Starting a hub, sending the first event, stopping it."""

import json
import shlex
import signal
import stat
import subprocess
from pathlib import Path

from tests.integration.cli.conftest import Concordat, environment, hub_in


def test_a_developer_sends_a_first_event_with_the_lines_that_up_prints(tmp_path: Path) -> None:
    """The three lines of the start page, pasted into a shell, publish an event and show it to the police."""
    with hub_in(tmp_path / "a hub's state") as hub:
        lines = [line.strip() for line in hub.page.splitlines() if line.startswith("  ")]
        token, send, watch = (next(line for line in lines if part in line) for part in ("TOKEN=", "| curl", " feed "))
        script = f"set -euo pipefail\n{token}\n{send}\necho\n{watch} --limit 1 --json\n"
        # A shell of its own, that knows nothing but what the page says.
        own = {name: value for name, value in environment(tmp_path).items() if not name.startswith("CONCORDAT_")}
        done = subprocess.run(
            ["bash", "-c", script], env=own, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    receipt, message = (json.loads(line) for line in done.stdout.splitlines())
    (told,) = receipt["told"]
    assert told["agency"] == "northmere-police"
    assert message["id"] == told["disclosure_id"]
    assert message["subject"] == receipt["subject"]


def test_a_hub_that_is_asked_to_stop_stops_and_keeps_what_it_accepted(tmp_path: Path) -> None:
    """Ctrl-C and the service manager end it alike, without an error, and the next start goes on where it was."""
    state = tmp_path / "state"
    with hub_in(state) as hub:
        first = Concordat(state, hub.url)
        event = first.example("concordat.episode.opened.v1", "harbour-house")
        receipt = first.publish(event, "harbour-house")
        assert hub.stop(signal.SIGINT) == 0
        assert "has stopped" in hub.page
        assert "Traceback" not in hub.page
    with hub_in(state) as again:
        assert "founded" not in again.page
        assert Concordat(state, again.url).publish(event, "harbour-house") == receipt
        assert again.stop(signal.SIGTERM) == 0


def test_a_bare_hub_has_no_agency_and_says_how_to_register_one(tmp_path: Path) -> None:
    """An operator who wants nothing invented gets nothing invented."""
    with hub_in(tmp_path / "state", "--bare") as hub:
        assert "harbour-house" not in hub.page
        assert "agency add" in hub.page
        assert Concordat(hub.state, hub.url).lines("agency", "list") == []


def test_what_up_makes_is_for_its_owner_only(hub) -> None:
    """Private keys and the state folder are closed to the machine's other users."""
    for path in (hub.state, hub.state / "keys" / "kek", *(hub.state / "agencies").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_taken_port_is_said_at_once(hub, tmp_path: Path) -> None:
    """Two hubs on one port: the second says what to do, and makes no folder."""
    port = hub.url.rpartition(":")[2]
    done = Concordat(tmp_path / "other")("up", "--port", port)
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert not (tmp_path / "other").exists()


def test_the_start_page_can_be_pasted_wherever_the_folder_is(hub) -> None:
    """Every line of the page is one that a shell can split."""
    for line in hub.page.splitlines():
        if line.startswith("  ") and "concordat" in line:
            assert shlex.split(line)
