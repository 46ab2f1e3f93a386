"""The outbox: what was put in is published, once, in order, whatever happens in between."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.sdk import HubClient, IdTaken, Outbox, Sender, new_id
from adapters.sdk.testing import Fault, InMemoryHub, Refusal

CANARY = "Wren Canary"
Play = Callable[..., Any]

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from adapters.sdk import Outbox, compose, new_id

episode = f"episode/{new_id()}"
with Outbox.open(Path(sys.argv[1])) as outbox:
    while True:
        event = compose("harbour-house", "concordat.episode.opened.v1", {"child": {"name": "Robin Example"}},
                        time=datetime.now(UTC), subject=episode)
        print(outbox.put(event), flush=True)
"""


async def send_all(client: HubClient, outbox: Outbox) -> None:
    """Run the sender until everything that waits has its answer."""
    sending = asyncio.create_task(Sender(outbox, client).run())
    for waiting in outbox.waiting():
        await outbox.outcome_of(waiting.id)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


def test_nothing_is_lost_or_doubled_when_the_process_is_killed(hub: InMemoryHub, as_home: Play, tmp_path: Path) -> None:
    """A home's system dies by kill -9 while writing: every report that it was promised is published under its id."""
    path = tmp_path / "outbox"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        promised = [writer.stdout.readline().strip() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        promised += [line.strip() for line in writer.stdout if line.endswith("\n")]

    with Outbox.open(path) as outbox:
        kept = [waiting.id for waiting in outbox.waiting()]
        # The last put may have reached the disk just before its promise was spoken.
        assert kept[: len(promised)] == promised
        assert len(kept) <= len(promised) + 1
        as_home(lambda client: send_all(client, outbox))

    assert [publication.event["id"] for publication in hub.published] == kept


def test_a_sender_killed_between_answer_and_record_sends_the_same_again(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path
) -> None:
    """Accepted, but the receipt was not yet on the disk: after the restart the same id gets the same receipt."""
    event = report()
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(event, reference="night-log 17")
        lost = as_home(lambda client: client.publish(event))
    with Outbox.open(tmp_path / "outbox") as outbox:
        as_home(lambda client: send_all(client, outbox))
        outcome = outbox.outcome(event["id"])

    assert len(hub.published) == 1
    assert outcome is not None
    assert (outcome.receipt, outcome.reference) == (lost, "night-log 17")


def test_receipts_can_be_read_after_a_restart(hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path) -> None:
    """Who was told is still known when the night shift has gone home."""
    with Outbox.open(tmp_path / "outbox") as outbox:
        event_id = outbox.put(report())
        assert outbox.outcome(event_id) is None
        as_home(lambda client: send_all(client, outbox))

    with Outbox.open(tmp_path / "outbox") as outbox:
        outcome = outbox.outcome(event_id)

    assert outcome is not None
    assert outcome.receipt == hub.published[0].receipt


def test_events_of_an_episode_keep_their_order_through_failures(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path
) -> None:
    """The line breaks again and again; "returned" never overtakes "missing"."""
    episode = new_id()
    with Outbox.open(tmp_path / "outbox") as outbox:
        ids = [outbox.put(report(episode)) for _ in range(5)]
        hub.faults += [Fault("/v1/events"), Fault("/v1/events", after_it_was_done=True)] * 6
        as_home(lambda client: send_all(client, outbox))

    assert [publication.event["id"] for publication in hub.published] == ids


def test_a_refused_event_holds_nothing_back(hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path) -> None:
    """One report is refused for good; the next of the same episode leaves, and the refusal can be read."""
    episode = new_id()
    refused, later = report(episode), report(episode)
    hub.refuse = lambda event: Refusal(409, "id-in-use", "compose anew") if event["id"] == refused["id"] else None
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(refused)
        outbox.put(later)
        as_home(lambda client: send_all(client, outbox))
        outcome = outbox.outcome(refused["id"])

    assert [publication.event["id"] for publication in hub.published] == [later["id"]]
    assert outcome is not None
    assert outcome.receipt is None
    assert outcome.refusal == {"slug": "id-in-use", "status": 409, "detail": "compose anew", "errors": []}


def test_an_episode_that_must_wait_does_not_hold_back_another(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path
) -> None:
    """While the hub cannot take the events of many children, another child's is published at once."""
    stuck, free = [report() for _ in range(12)], report()
    stuck_ids = [event["id"] for event in stuck]
    hub.refuse = lambda event: Refusal(503, "busy", retry_after="60") if event["id"] in stuck_ids else None

    async def story(client: HubClient, outbox: Outbox) -> None:
        sending = asyncio.create_task(Sender(outbox, client).run())
        for event in [*stuck, free]:
            outbox.put(event)
        outcome = await outbox.outcome_of(free["id"])
        assert outcome.receipt is not None
        assert [outbox.outcome(event_id) for event_id in stuck_ids] == [None] * 12
        hub.refuse = lambda _event: None
        for event_id in stuck_ids:
            assert (await outbox.outcome_of(event_id)).receipt is not None
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    with Outbox.open(tmp_path / "outbox") as outbox:
        as_home(lambda client: story(client, outbox))


@pytest.mark.parametrize("status", [404, 413, 403])
def test_a_proxy_cannot_refuse_an_event(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path, status: int
) -> None:
    """Only the hub's own problem document ends an event's wait; a bare status of something between does not."""
    hub.faults.append(Fault("/v1/events", httpx2.Response(status, text="blocked")))
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(report())
        as_home(lambda client: send_all(client, outbox))

    assert len(hub.published) == 1


def test_a_key_that_is_not_taken_costs_no_event(hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path) -> None:
    """A report made while the agency's key was being replaced is published once the new one works."""
    hub.faults.append(Fault("/oauth2/token", httpx2.Response(400, json={"error": "invalid_client"})))
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(report())
        as_home(lambda client: send_all(client, outbox))

    assert len(hub.published) == 1


def test_an_id_cannot_stand_for_two_events(report: Play, tmp_path: Path) -> None:
    """Putting the same event again changes nothing; another under its id is an error."""
    event = report()
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(event)
        outbox.put(event)
        with pytest.raises(IdTaken):
            outbox.put({**event, "data": {"child": {"name": "Somebody Else"}}})
        assert [waiting.event for waiting in outbox.waiting()] == [event]


def test_the_childs_data_leaves_the_file_with_the_event(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path
) -> None:
    """Once the hub has answered, the file holds the receipt and nothing of the child; nobody else may read it."""
    path = tmp_path / "outbox"
    with Outbox.open(path) as outbox:
        outbox.put(report(name=CANARY))
        assert CANARY.encode() in path.read_bytes()
        as_home(lambda client: send_all(client, outbox))

    assert len(hub.published) == 1
    assert CANARY.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_nothing_of_a_child_is_logged_while_sending(
    hub: InMemoryHub, as_home: Play, report: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Failures and refusals are logged by status and slug alone."""
    caplog.set_level("DEBUG")
    hub.faults += [Fault("/v1/events", httpx2.Response(502, text=CANARY))] * 5
    hub.refuse = lambda event: Refusal(422, "invalid-event", json.dumps(event))
    with Outbox.open(tmp_path / "outbox") as outbox:
        outbox.put(report(name=CANARY))
        as_home(lambda client: send_all(client, outbox))

    assert "422 invalid-event" in caplog.text
    assert CANARY not in caplog.text
