"""A large batch is told by several processes: each recipient gets what it would have got, whatever becomes of them."""

import os
import pickle
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from multiprocessing.connection import Connection

import orjson
import pytest

from broker.edition import edition
from broker.flows.check import read
from broker.flows.draft import Draft
from broker.flows.enrol import amend
from broker.flows.publish import RefusedInBatch, publish_all
from broker.flows.tellers import Alone
from broker.tellers import crew as crews
from broker.tellers import teller as ends
from broker.tellers.crew import AHEAD, CHUNK, WORTH_SHARING, Crew
from broker.tellers.teller import Teller
from broker.tellers.words import Events, Instructions, Registered
from contracts.disclosure import NotToldReason

POLICE = "northmere-police"
COUNCIL = "eastvale-council"
MANY = 3 * WORTH_SHARING


@pytest.fixture
def crew():
    """One process beside the test's own."""
    crew = Crew(1, edition())
    yield crew
    crew.close()


@pytest.fixture
def hub(build, crew, request):
    """A hub with episodes of a dozen evenings, and the process ready. `param`: the place is protected."""
    doors = build(tellers=crew)
    handle = doors.place(protected_whereabouts=getattr(request, "param", False))
    doors.episodes = [doors.open(handle).receipt.episode for _ in range(12)]
    be_ready(crew, doors)
    return doors


def be_ready(crew, doors):
    crew._ready(doors.hub.parts)
    (teller,) = crew._places
    assert teller._look.poll(60_000), "the process has not started"
    assert crew._ready(doors.hub.parts)


def process_of(crew):
    (teller,) = crew._places
    return teller._process


def assessments(doors, count=MANY, **attributes):
    """The force assesses the risk of every episode, again and again."""
    data = {"risk": {"level": "high", "rationale": {"text": "Cold night.", "contains": ["narrative"], "basis": "fact"}}}
    of = doors.episodes
    subjects = [f"episode/{of[place % len(of)]}" for place in range(count)]
    return [doors.event(POLICE, "concordat.risk.changed.v1", data, subject=one, **attributes) for one in subjects]


def step(doors, events, tellers=None, agency=POLICE):
    incoming = [read(one) for one in events]
    hub = doors.hub
    return lambda draft: publish_all(draft, agency, incoming, hub.parts, tellers or hub.tellers)


def send(doors, events):
    (published,) = doors.run(step(doors, events))
    return published


def numbers(doors, agency):
    return [int(one["concordatsequence"].partition(".")[2]) for one in doors.mail(agency)]


@pytest.fixture
def told_here(monkeypatch):
    """The events that the hub's own process tells of batches that are shared."""
    told = []
    really = crews.tell_each

    def tell_each(accepted, parts):
        told.append(accepted.event.id)
        return really(accepted, parts)

    monkeypatch.setattr(crews, "tell_each", tell_each)
    return told


def everything(draft):
    """Return all that a draft would have said and recorded, but for what chance has put in."""
    ids = {one: f"#{place}" for place, one in enumerate(draft._disclosures)}
    entries = {entry.id: entry for entry in draft.entries}

    def of_entry(entry):
        leaf, opening = orjson.loads(entry.leaf), orjson.loads(entry.opening)
        assert leaf.pop("nonce")
        assert leaf["commitments"].keys() == opening.keys()
        leaf["commitments"] = {
            name: {key: kept for key, kept in one.items() if key != "key"} for name, one in opening.items()
        }
        return entry.operation, entry.scope, leaf

    said = [
        (
            told._replace(id=""),
            of_entry(entries[told.id]),
            [(mail.number, mail.content) for mail in draft._mail if mail.disclosure == told.id],
        )
        for told in draft._disclosures.values()
    ]
    accepted = [of_entry(entries[one.entry]) for one in draft._events.values()]
    text = repr(
        (
            said,
            accepted,
            sorted(draft._forms.items()),
            sorted((key, sorted(one)) for key, one in draft._knowledge.items()),
        )
    )
    for one, name in ids.items():
        text = text.replace(one, name)
    return text


@pytest.mark.parametrize("attributes", [{}, {"concordataudience": "-agency:eastvale-council -field:risk.rationale"}])
@pytest.mark.parametrize("hub", [False, True], indirect=True, ids=["open", "protected"])
def test_beside_the_hub_the_same_is_told(hub, crew, told_here, attributes):
    """What the other process says and records of a batch is what this one would have."""
    events = assessments(hub, **attributes)
    with hub.hub.store.writing() as unit:
        here, beside = Draft(unit), Draft(unit)
        receipts = [
            [one.receipt.model_dump(exclude={"accepted_at", "entry", "told"}) for one in step(hub, events, who)(draft)]
            for who, draft in ((Alone(), here), (crew, beside))
        ]
    assert receipts[0] == receipts[1]
    assert everything(here) == everything(beside)
    assert here._disclosures
    assert len(told_here) <= MANY - AHEAD * CHUNK


def test_a_small_batch_is_told_by_the_hub(hub, told_here):
    """Two or three events do not go to another process and back."""
    send(hub, assessments(hub, WORTH_SHARING - 1))
    assert not told_here
    send(hub, assessments(hub, WORTH_SHARING))
    assert len(told_here) <= WORTH_SHARING - AHEAD * CHUNK


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_whatever_becomes_of_the_process_everybody_is_told(hub, crew, monkeypatch, end):
    """It dies, or hangs, with half a batch in its hands: the hub tells the rest, and another takes its place."""
    monkeypatch.setattr(crews, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(crews, "AGAIN_SECONDS", 0.0)
    before = len(numbers(hub, COUNCIL))
    lost = process_of(crew)
    really = Teller.give

    def give(teller, chunk):
        if teller._process is lost and teller.waiting:
            os.kill(lost.pid, end)
        really(teller, chunk)

    monkeypatch.setattr(Teller, "give", give)
    events = assessments(hub)
    published = send(hub, events)
    assert [one.receipt.event_id for one in published] == [one["id"] for one in events]
    assert numbers(hub, COUNCIL) == list(range(1, before + MANY + 1))
    assert lost.returncode is not None
    be_ready(crew, hub)
    assert process_of(crew).pid != lost.pid
    assert len(send(hub, assessments(hub))) == MANY
    assert numbers(hub, COUNCIL) == list(range(1, before + 2 * MANY + 1))


def test_what_it_cannot_tell_the_hub_tells(hub, crew, told_here, monkeypatch):
    """Something is wrong over there, and with it nothing else: it is asked again next time."""
    process = process_of(crew)
    with monkeypatch.context() as patched:
        patched.setattr(ends, "Registered", lambda record: Registered(replace(record, agencies=())))
        (teller,) = crew._places
        teller._record = None
        events = assessments(hub)
        before = len(numbers(hub, COUNCIL))
        assert [one.receipt.event_id for one in send(hub, events)] == [one["id"] for one in events]
        assert numbers(hub, COUNCIL) == list(range(1, before + MANY + 1))
    assert process_of(crew) is process
    assert len(told_here) == MANY


def test_another_edition_tells_nothing(build, told_here, monkeypatch):
    """The hub was changed on the disk while it ran: what would be started now is not the hub that decides."""
    monkeypatch.setattr(crews, "AGAIN_SECONDS", 0.0)
    crew = Crew(1, edition())
    crew._edition = "another"
    doors = build(tellers=crew)
    handle = doors.place()
    doors.episodes = [doors.open(handle).receipt.episode for _ in range(12)]
    crew._ready(doors.hub.parts)
    (teller,) = crew._places
    assert teller._look.poll(60_000), "the process has not started"
    for _ in range(2):
        assert len(send(doors, assessments(doors))) == MANY
        assert crew._places == [None]
    assert teller._process.returncode is not None
    assert not told_here, "the batch was not shared at all"


def test_a_large_event_stays_here(hub, told_here, monkeypatch):
    """A line between two processes holds so much; what is larger the hub tells itself."""
    monkeypatch.setattr(crews, "MOST_BYTES", 1500)
    large = {"text": "Cold night. " * 150, "contains": ["narrative"], "basis": "fact"}
    data = {"risk": {"level": "high", "rationale": large}}
    events = [
        hub.event(POLICE, "concordat.risk.changed.v1", data, subject=f"episode/{one}") for one in hub.episodes[:3]
    ]
    mixed = [*assessments(hub, 5), *events, *assessments(hub, 5)]
    assert [one.receipt.event_id for one in send(hub, mixed)] == [one["id"] for one in mixed]
    assert {one["id"] for one in events} <= set(told_here)
    assert len(told_here) < len(mixed)


def test_it_knows_who_is_registered_now(hub):
    """A council has left: the next batch tells it nothing, in whichever process that is worked out."""
    before = len(numbers(hub, COUNCIL))
    send(hub, assessments(hub))
    assert len(numbers(hub, COUNCIL)) == before + MANY
    with hub.view() as view:
        council = next(one for one in view.agencies() if one.id == COUNCIL)
    hub.run(lambda draft: amend(draft, replace(council, active=False)))
    send(hub, assessments(hub))
    assert len(numbers(hub, COUNCIL)) == before + MANY
    withheld = [one for one in hub.disclosures() if (one.recipient, one.reason) == (COUNCIL, NotToldReason.NO_CHANNEL)]
    assert len(withheld) == MANY


def test_a_batch_that_is_refused_leaves_nothing_behind(hub):
    """The last event is against the rules: none is kept, and the next batch gets its own answers."""
    before = hub.size(), numbers(hub, COUNCIL)
    stranger = assessments(hub, 1)[0] | {"source": "/agencies/southfold-police"}
    with pytest.raises(RefusedInBatch) as refused:
        send(hub, [*assessments(hub), stranger])
    assert (refused.value.place, refused.value.reason.slug) == (MANY, "source-mismatch")
    assert (hub.size(), numbers(hub, COUNCIL)) == before
    events = assessments(hub)
    assert [one.receipt.event_id for one in send(hub, events)] == [one["id"] for one in events]
    assert numbers(hub, COUNCIL) == list(range(1, len(before[1]) + MANY + 1))


def test_events_of_one_batch_see_what_came_before_them(hub):
    """A report is in the batch twice, and an agency joins that is owed what the batch itself has said before."""
    episode = hub.episodes[0]
    said = assessments(hub)
    repeated = said[3]
    joins = hub.event(
        POLICE,
        "concordat.involvement.confirmed.v1",
        {"involved": [{"agency": "southfold-police", "role": "home_force"}]},
        subject=f"episode/{episode}",
    )
    published = send(hub, [*said, repeated, joins, *assessments(hub, 12)])
    assert [one.replayed for one in published] == [False] * MANY + [True] + [False] * 13
    assert published[MANY].receipt == published[3].receipt
    mail = [one for one in hub.mail("southfold-police") if one["subject"] == f"episode/{episode}"]
    told = [past["type"] for one in mail for past in one["data"].get("events", [])]
    assert told.count("concordat.risk.changed.v1") == 2
    assert [one["type"] for one in mail].count("concordat.risk.changed.v1") == 1


def test_a_receipt_says_what_it_would_have_said_alone(hub):
    """The force names a council in the last event but one: the receipts before do not show it, the one after does."""
    subject = f"episode/{hub.episodes[0]}"
    named = {"involved": [{"agency": COUNCIL, "role": "responsible_authority"}]}
    names = hub.event(POLICE, "concordat.involvement.confirmed.v1", named, subject=subject)
    hub.episodes = hub.episodes[:1]
    published = send(hub, [*assessments(hub, 12), names, *assessments(hub, 1)])
    shown = [COUNCIL in {one.agency for one in sent.receipt.told} for sent in published]
    assert shown[:12] == [False] * 12
    assert shown[-1]


def test_its_complaints_are_lines_of_the_log_and_say_no_value():
    """What goes wrong over there stands in the hub's own log, by its kind alone."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "broker.tellers.process", str(theirs.fileno()), "info"]
    with theirs, Connection(ours.detach()) as line:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, pass_fds=(theirs.fileno(),))
        theirs.close()
        assert line.recv_bytes() == edition().encode()
        for word in (Instructions("hub.northmere.example", bytes(32)), Events([("Robin Quillfeather",)])):
            line.send_bytes(pickle.dumps(word))
        assert pickle.loads(line.recv_bytes()) == [None]  # noqa: S301 (a process of our own)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 0
    (complaint,) = map(orjson.loads, complaints.splitlines())
    assert (complaint["event"], complaint["error"], complaint["level"]) == ("telling_failed", "ValueError", "warning")
    assert b"Robin" not in complaints
