"""Publishing and receiving from a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import Concordat, RunningHub

OPENED = "concordat.episode.opened.v1"


def test_the_receipt_says_who_must_be_rung(concordat: Concordat) -> None:
    """A night worker reads at once that the council and the charity were not told, and must be rung."""
    event = concordat.example(OPENED, "harbour-house", "--full")
    done = concordat("event", "publish", "-", "--agency", "harbour-house", stdin=json.dumps(event))
    assert done.returncode == 0
    assert "northmere-police" in done.stdout
    assert "Ring now: bright-path, eastvale-council." in done.stderr
    assert event["data"]["child"]["name"] not in done.stdout + done.stderr


def test_an_event_against_its_contract_is_refused_in_the_hubs_words(concordat: Concordat) -> None:
    """Exit 3, the place and what to do; and never what was sent."""
    event = concordat.example(OPENED, "harbour-house")
    event["data"] = {"child": {"birth_date": "the third of May"}}
    done = concordat("event", "publish", "-", "--agency", "harbour-house", stdin=json.dumps(event))
    assert (done.returncode, done.stdout) == (3, "")
    assert "/data/child/birth_date" in done.stderr
    assert "third of May" not in done.stderr


def test_nobody_publishes_for_another_agency(concordat: Concordat) -> None:
    """An event that names another publisher is refused, and tells nobody."""
    event = concordat.example(OPENED, "southfold-police")
    done = concordat("event", "publish", "-", "--agency", "harbour-house", stdin=json.dumps(event))
    assert (done.returncode, done.stdout) == (3, "")
    episode = event["subject"].partition("/")[2]
    assert concordat("episode", "show", episode, "--agency", "northmere-police").returncode == 3


def test_a_hub_that_is_not_there_is_said_plainly(hub: RunningHub) -> None:
    """Connection refused: exit 1 and how to start it."""
    away = Concordat(hub.state, "http://127.0.0.1:9")
    done = away("episode", "list", "--agency", "harbour-house")
    assert done.returncode == 1
    assert "start it with: concordat up" in done.stderr


def test_a_missing_key_is_wrong_usage(concordat: Concordat) -> None:
    """Exit 2, and which option names the key."""
    done = concordat("agency", "token", "no-such-agency")
    assert done.returncode == 2
    assert "--key" in done.stderr


def test_another_agencys_key_opens_nothing(concordat: Concordat) -> None:
    """Exit 3: the hub does not believe a key that is not registered for the agency."""
    key = concordat.state / "agencies" / "harbour-house.pem"
    done = concordat("agency", "token", "northmere-police", "--key", key)
    assert (done.returncode, done.stdout) == (3, "")


def test_an_event_is_checked_offline(tmp_path: Path) -> None:
    """A developer without a hub finds the faults of an event by their places."""
    alone = Concordat(tmp_path / "none")
    file = tmp_path / "event.json"
    event = alone.example(OPENED, "harbour-house", "--full")
    file.write_text(json.dumps(event))
    assert alone("event", "validate", file).returncode == 0
    event["data"]["risk"]["level"] = "terrible"
    file.write_text(json.dumps(event))
    done = alone("event", "validate", file)
    assert done.returncode == 1
    assert done.stdout.startswith("/data/risk/level: ")
    assert alone("event", "validate", "-", stdin="{").returncode == 1
    assert not (tmp_path / "none").exists()


def test_the_police_watch_their_feed(concordat: Concordat, receipt: dict[str, Any]) -> None:
    """The feed shows what the receipt promised, and a filter passes over the rest."""
    promised = next(one["disclosure_id"] for one in receipt["told"] if one["agency"] == "northmere-police")
    seen = concordat.lines("feed", "--agency", "northmere-police", "--type", "concordat.episode.*", "--limit", "1")
    assert [message["type"] for message in seen] == [OPENED]
    told = concordat.lines("episode", "told", receipt["episode"], "--agency", "harbour-house")
    assert any(line["told"] and line["agency"] == "northmere-police" for line in told)
    shown = concordat.lines("episode", "show", receipt["episode"], "--agency", "northmere-police")
    assert shown[0]["events"][0]["disclosure_id"] == promised


def test_an_agency_without_a_part_sees_no_episode(concordat: Concordat, receipt: dict[str, Any]) -> None:
    """Southfold was never told: for it there is no such episode."""
    done = concordat("episode", "told", receipt["episode"], "--agency", "southfold-police")
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("event", "publish"), ("feed",), ("disclosure", "search", "--limit", "0")]
)
def test_wrong_usage_is_exit_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A shell script can tell its own mistakes from the hub's."""
    done = Concordat(tmp_path)(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
