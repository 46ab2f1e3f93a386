"""The reference agency systems: each speaks its own words, and what leaves it is a contract."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.childrens_home.verbs import VERBS as HOME_VERBS
from adapters.council.verbs import VERBS as COUNCIL_VERBS
from adapters.police.verbs import VERBS as POLICE_VERBS
from adapters.reference import CaseList, Desk, Verb
from adapters.reference.shifted_clock import ShiftedClock
from adapters.sdk import Backoff, Bookmark, Credentials, Feed, HubClient, Outbox, Position, Sender, compose, new_id
from adapters.sdk.testing import InMemoryHub

CANARY = "Wren Canary"
HANDLE = "01JD6QK3Z8T0V5W2N4Y6B8C0AA"
CHILD_FILE = {
    "reference": "HH-07",
    "full_name": "Robin Example",
    "born": "2011-03-04",
    "health": "Inhaler twice a day.",
    "council_reference": "EC-1234",
}


class Seat:
    """Somebody at a desk: gives commands and reads what is said."""

    def __init__(self) -> None:
        self.commands: asyncio.Queue[str | None] = asyncio.Queue()
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def give(self, **command: Any) -> None:
        self.commands.put_nowait(json.dumps(command))

    async def ask(self, **command: Any) -> dict[str, Any]:
        """Give a command and return its answer."""
        self.give(**command)
        return await self.hear("re")

    async def hear(self, kind: str) -> dict[str, Any]:
        while kind not in (said := await self.said.get()):
            pass
        return said

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self.commands.get()) is not None:
            yield line


@asynccontextmanager
async def desk(hub: InMemoryHub, agency: str, verbs: Mapping[str, Verb], state: Path) -> AsyncIterator[Seat]:
    """Open a desk on the hub in memory."""
    seat = Seat()
    with (
        Outbox.open(state / "outbox") as outbox,
        Bookmark.open(state / "bookmark") as bookmark,
        CaseList.open(state / "cases") as cases,
    ):
        async with HubClient(hub.url, hub.enrol(agency), transport=hub, clock=hub.clock) as client:
            working = Desk(
                client=client,
                outbox=outbox,
                cases=cases,
                state=state,
                verbs=verbs,
                clock=ShiftedClock(),
                say=seat.said.put_nowait,
            )
            sender = Sender(outbox, client, Backoff(attempts=None))
            running = asyncio.create_task(working.run(sender, Feed(client, bookmark), seat))
            yield seat
            seat.commands.put_nowait(None)
            await asyncio.wait_for(running, 10)


def placed(hub: InMemoryHub) -> Position:
    """The council has told the home of the placement."""
    data = {
        "child": {"local_reference": "EC-1234"},
        "placement": {"began_at": "2026-09-01T10:00:00Z"},
        "involved": [],
        "protected_whereabouts": False,
    }
    return hub.deliver("harbour-house", "concordat.placement.notified.v1", data, subject=f"child/{HANDLE}")


def test_a_home_reports_with_the_handle_it_was_told(hub: InMemoryHub, tmp_path: Path) -> None:
    """The care worker names the child; file, handle and codes are put together by the system, and back again later."""
    (tmp_path / "children").mkdir()
    (tmp_path / "children" / "HH-07.json").write_text(json.dumps(CHILD_FILE))
    placed(hub)

    async def story() -> None:
        async with desk(hub, "harbour-house", HOME_VERBS, tmp_path) as seat:
            received = (await seat.hear("received"))["received"]
            assert (received["type"], received["sequence"]) == ("concordat.placement.notified.v1", "1.1")
            answer = await seat.ask(
                do="report_missing",
                ref="1",
                child="HH-07",
                worry="worried",
                last_seen={"when": "2026-11-22T20:15:00Z", "where": "bus stop"},
                what_happened="Did not come back from the shop.",
                told=[{"agency": "eastvale-council", "as": "placing council"}],
            )
            assert answer["re"] == "1"
            back = await seat.ask(do="child_back", ref="2", child="HH-07", how="Tired and hungry.")
            assert back["receipt"]["episode"] == answer["receipt"]["episode"]

    asyncio.run(story())

    opened, returned = (publication.event for publication in hub.published)
    assert opened["data"]["child"] == {
        "handle": HANDLE,
        "local_reference": "HH-07",
        "name": "Robin Example",
        "birth_date": "2011-03-04",
        "health_needs": {"text": "Inhaler twice a day."},
    }
    assert opened["data"]["risk"] == {"level": "medium"}
    assert opened["data"]["involved"] == [{"agency": "eastvale-council", "role": "responsible_authority"}]
    assert (returned["type"], returned["subject"]) == ("concordat.child.returned.v1", opened["subject"])


def test_a_report_is_made_without_any_placement_record(hub: InMemoryHub, tmp_path: Path) -> None:
    """Nobody told the home of a placement: the report goes out all the same, and guesses no handle."""
    (tmp_path / "children").mkdir()
    (tmp_path / "children" / "HH-07.json").write_text(json.dumps({**CHILD_FILE, "council_reference": "EC-9"}))
    placed(hub)

    async def story() -> None:
        async with desk(hub, "harbour-house", HOME_VERBS, tmp_path) as seat:
            await seat.hear("received")
            assert "receipt" in await seat.ask(do="report_missing", ref="1", child="HH-07")

    asyncio.run(story())

    assert "handle" not in hub.published[0].event["data"]["child"]


@pytest.mark.parametrize(
    ("command", "event_type", "data"),
    [
        (
            {"do": "raise_risk", "grade": "high", "because": "Cold night."},
            "risk.changed",
            {"level": "high", "previous": "medium"},
        ),
        ({"do": "offer_handover", "to": "southfold-police", "within_hours": 2}, "handover.offered", None),
        ({"do": "accept_handover", "our_reference": "SF-1"}, "handover.accepted", None),
        ({"do": "decline_handover", "because": "Not in our area."}, "handover.declined", None),
        ({"do": "child_located", "where": "harbour", "condition": "Well."}, "child.located", None),
        ({"do": "wellbeing_confirmed", "by": "constable", "in_person": False}, "wellbeing.confirmed", None),
        ({"do": "close", "result": "found safe"}, "episode.closed", None),
    ],
)
def test_every_verb_of_the_police_makes_a_valid_event(
    hub: InMemoryHub, tmp_path: Path, command: dict[str, Any], event_type: str, data: dict[str, Any] | None
) -> None:
    """What an officer says in the force's words is accepted under its contract."""
    episode = new_id()
    told = {"child": {}, "risk": {"level": "medium"}}
    hub.deliver("northmere-police", "concordat.episode.opened.v1", told, subject=f"episode/{episode}")

    async def story() -> dict[str, Any]:
        async with desk(hub, "northmere-police", POLICE_VERBS, tmp_path) as seat:
            await seat.hear("received")
            return await seat.ask(ref="1", episode=episode, **command)

    answer = asyncio.run(story())

    assert answer["receipt"]["episode"] == episode
    published = hub.published[0].event
    assert published["type"] == f"concordat.{event_type}.v1"
    if data is not None:
        assert data.items() <= published["data"]["risk"].items()


def test_a_council_keeps_one_handle_for_one_child(hub: InMemoryHub, tmp_path: Path) -> None:
    """The hub names the child with the first placement record; a move is recorded under the same name."""

    async def story() -> None:
        placement: dict[str, Any] = {"began": "2026-09-01T10:00:00Z", "type": "residential", "area": "E06000001"}
        who = [{"agency": "harbour-house", "as": "home"}, {"agency": "eastvale-council", "as": "us"}]
        for _restart in range(2):
            async with desk(hub, "eastvale-council", COUNCIL_VERBS, tmp_path) as seat:
                answer = await seat.ask(
                    do="notify_placement", ref="1", child={"reference": "EC-1234"}, placement=placement, involved=who
                )
                assert "receipt" in answer
        async with desk(hub, "eastvale-council", COUNCIL_VERBS, tmp_path) as seat:
            episode = new_id()
            await seat.ask(do="confirm_involvement", ref="2", episode=episode, involved=who)
            await seat.ask(
                do="interview_completed", ref="3", episode=episode, independent=True, child_says="I want to stay here."
            )

    asyncio.run(story())

    first, second, confirmed, interview = hub.published
    assert "subject" not in first.event
    assert second.event["subject"] == first.receipt.subject
    assert confirmed.event["data"]["involved"][0] == {"agency": "harbour-house", "role": "care_provider"}
    assert interview.event["data"]["childs_voice"] == {"text": "I want to stay here."}


@pytest.mark.parametrize(
    "command",
    [
        {"do": CANARY},
        {"do": "raise_risk", "episode": new_id(), "grade": CANARY * 10},
        {"do": "raise_risk", "episode": new_id(), "grade": [CANARY]},
        {"do": "publish", "type": CANARY, "data": {}},
        {"do": "publish", "type": "concordat.episode.opened.v1", "data": {"child": {"nmae": CANARY}}},
        {"do": "publish", "type": "concordat.episode.opened.v1", "data": CANARY},
        {"do": "child_located", "episode": CANARY},
        {"do": "close", "episode": new_id(), "result": "found safe", "time": CANARY},
        {"do": "acknowledge", "action": "seen", "episode": new_id(), "up_to_sequence": CANARY},
        {"do": "told", "episode": f"../{CANARY}"},
    ],
)
def test_a_command_that_is_not_understood_is_answered_without_being_repeated(
    hub: InMemoryHub, tmp_path: Path, command: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The answer says what is wrong, holds nothing that was typed, and nothing leaves the agency."""

    async def story() -> dict[str, Any]:
        async with desk(hub, "northmere-police", POLICE_VERBS, tmp_path) as seat:
            return await seat.ask(ref="1", **command)

    answer = asyncio.run(story())

    assert answer["problem"]["slug"] in {"not-understood", "invalid-event"}
    assert CANARY not in json.dumps(answer) + caplog.text
    assert hub.published == []


def test_a_word_that_the_system_has_no_code_for_goes_out_as_it_is(hub: InMemoryHub, tmp_path: Path) -> None:
    """The officer's grade is no code: it is not refused and not guessed, but sent as their own word."""

    async def story() -> None:
        async with desk(hub, "northmere-police", POLICE_VERBS, tmp_path) as seat:
            await seat.ask(ref="1", do="raise_risk", episode=new_id(), grade="amber")

    asyncio.run(story())
    assert hub.published[0].event["data"]["risk"]["level"] == {"unmapped": "amber"}


def test_an_answer_that_the_restart_overtook_is_still_given(hub: InMemoryHub, tmp_path: Path) -> None:
    """The force's system went down with a command on its way; afterwards it is answered under its own reference."""
    closed = compose(
        "northmere-police",
        "concordat.episode.closed.v1",
        {"closed_at": "2026-11-23T01:00:00Z", "reason": "located_and_well"},
        time=datetime(2026, 11, 23, 1, tzinfo=UTC),
        subject=f"episode/{new_id()}",
    )
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(closed, reference="before")

    async def story() -> dict[str, Any]:
        async with desk(hub, "northmere-police", POLICE_VERBS, tmp_path) as seat:
            return await seat.hear("re")

    answer = asyncio.run(story())

    assert (answer["re"], answer["receipt"]["event_id"]) == ("before", closed["id"])


def test_a_person_acknowledges_and_sees_who_was_told(hub: InMemoryHub, tmp_path: Path) -> None:
    """Machine pick-up is not a person's attention: somebody says that they act, and reads the told matrix."""
    episode = new_id()
    hub.told[episode] = [{"agency": "eastvale-council", "role": "responsible_authority", "acting_at": None}]

    async def story() -> None:
        async with desk(hub, "northmere-health", {}, tmp_path) as seat:
            by = {"name": "Jo Invented", "role": "duty nurse"}
            disclosure = new_id()
            given = await seat.ask(do="acknowledge", ref="1", disclosure_id=disclosure, action="acting", by=by)
            assert given["re"] == "1"
            assert hub.acknowledgements == [
                ("northmere-health", {"disclosure_id": disclosure, "action": "acting", "by": by})
            ]
            told = await seat.ask(do="told", ref="2", episode=episode)
            assert told["told"] == {"episode": episode, "items": hub.told[episode]}

    asyncio.run(story())


def test_an_erased_message_is_erased_at_the_agency_too(hub: InMemoryHub, tmp_path: Path) -> None:
    """The tombstone takes the message's place on the case list; nothing of the child stays in the file."""
    data = {"located_at": "2026-11-22T23:10:00Z", "condition": {"text": CANARY}}

    async def story() -> None:
        position = hub.deliver("bright-path", "concordat.child.located.v1", data, subject=f"episode/{new_id()}")
        async with desk(hub, "bright-path", {}, tmp_path) as seat:
            await seat.hear("received")
        assert CANARY.encode() in (tmp_path / "cases").read_bytes()
        hub.mailbox("bright-path").erase(position)
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            bookmark._database.execute("DELETE FROM place")
        async with desk(hub, "bright-path", {}, tmp_path) as seat:
            assert (await seat.hear("received"))["received"]["type"] == "concordat.mailbox.erased.v1"
            assert (await seat.ask(do="cases", ref="1"))["cases"] == []

    asyncio.run(story())

    assert CANARY.encode() not in (tmp_path / "cases").read_bytes()


def test_the_shifted_clock_moves_event_times_only(tmp_path: Path) -> None:
    """A story played at speed gives its events the story's time."""
    offset = tmp_path / "offset"
    clock = ShiftedClock(offset)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    offset.write_text("7200\n")
    assert 7195 < (clock.now() - datetime.now(UTC)).total_seconds() < 7205


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """How a desk is started, for a hub that is not there."""
    key = tmp_path / "key.jwk"
    key.write_text(Credentials.generate("northmere-police").private_jwk())
    options = {"hub": "http://127.0.0.1:9", "agency": "northmere-police", "key": key, "state": tmp_path / "state"}
    listed = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "adapters.police", *listed]


def test_a_command_given_while_the_hub_is_away_is_on_the_disk(arguments: list[str], tmp_path: Path) -> None:
    """The process is killed while the hub cannot be reached; the officer's word is in the outbox."""
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        close = {"do": "close", "ref": "1", "episode": new_id(), "result": "found safe"}
        process.stdin.write(json.dumps(close) + "\n" + json.dumps({"do": "cases", "ref": "2"}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"re": "2", "cases": []}
        process.send_signal(signal.SIGKILL)

    with Outbox.open(tmp_path / "state" / "outbox.sqlite") as outbox:
        assert [waiting.event["type"] for waiting in outbox.waiting()] == ["concordat.episode.closed.v1"]


@pytest.mark.parametrize("end", ["end of input", "SIGTERM", "stop"])
def test_a_desk_ends_in_good_order(arguments: list[str], end: str) -> None:
    """However it is told to end, the process ends by itself with 0."""
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write('{"do": "cases", "ref": "1"}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        if end == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        elif end == "stop":
            process.stdin.write('{"do": "stop"}\n')
            process.stdin.flush()
        else:
            process.stdin.close()
        assert process.wait(20) == 0


def test_a_desk_with_the_wrong_key_file_says_so(arguments: list[str], tmp_path: Path) -> None:
    """The error names what is needed, quotes nothing of the file, and the exit code says wrong usage."""
    (tmp_path / "key.jwk").write_text(CANARY)

    ended = subprocess.run(arguments, input="", capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "PEM" in ended.stderr
    assert CANARY not in ended.stdout + ended.stderr
