"""What goes into the store comes out of it, after a restart too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from broker.casework.deadline import Deadline, DeadlineKind, DeadlineState
from broker.casework.episode import Episode
from broker.casework.placement import Placement
from broker.ledger.tree import Frontier
from broker.ports.records import CheckpointRecord, DueDeadline, Mailbox, ProtocolRecord
from broker.store.database import SqlStore
from contracts.agency import Agency
from contracts.disclosure import Operation
from contracts.vocabulary import AcknowledgementAction, AgencyKind, Jurisdiction, RiskLevel, Role

NOW = datetime(2026, 11, 22, 21, 40, 1, 120000, tzinfo=UTC)
SUBJECT = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX"


def _deadline(name: str, due_at: datetime, state: DeadlineState = DeadlineState.RUNNING) -> Deadline:
    return Deadline(name, DeadlineKind.RHI, due_at, "northmere-police", "event", "eastvale-council", state, NOW)


def _episode(name: str, *deadlines: Deadline) -> Episode:
    return Episode(name, "harbour-house", NOW, Jurisdiction.ENGLAND, risk=RiskLevel.HIGH, deadlines=deadlines)


def test_registry_survives_a_restart(open_store: Callable[[], SqlStore]) -> None:
    """Agencies, areas and protocols read back as they were put, and the version says that something changed."""
    first = open_store()
    home = Agency(
        "harbour-house",
        "Harbour House",
        AgencyKind.CHILDRENS_HOME,
        classes=frozenset({"childrens_homes"}),
        areas=frozenset({"E06000901"}),
        has_channel=False,
        keys=({"kty": "OKP", "crv": "Ed25519", "x": "invented"},),
        scopes=frozenset({"publish", "subscribe"}),
        telephone="01632 960000",
    )
    draft = ProtocolRecord("northmere", 3, {"title": "Plå­n", "version": 3}, "sha256:1", frozenset(), None)
    with first.reading() as view:
        before = view.registry_version()
    with first.writing() as unit:
        unit.put_agency(replace(home, active=False))
        unit.put_agency(home)
        unit.put_police_area("E06000901", "northmere-police")
        unit.put_protocol(draft)
    with first.reading() as view:
        between = view.registry_version()
    in_force = replace(draft, signed_by=frozenset({"northmere-police", "harbour-house"}), activated_at=NOW)
    with first.writing() as unit:
        unit.put_protocol(in_force)
    with open_store().reading() as view:
        assert view.agencies() == (home,)
        assert view.police_areas() == {"E06000901": "northmere-police"}
        assert view.protocols() == (in_force,)
        assert before < between < view.registry_version()


def test_registry_version_stands_still_while_nothing_of_the_registry_changes(store: SqlStore, night: Any) -> None:
    """A replica that keeps the registry is not sent back to the database by every event."""
    with store.reading() as view:
        before = view.registry_version()
    with store.writing() as unit:
        night.publish(unit)
    with store.reading() as view:
        assert view.registry_version() == before


def test_ledger_is_read_back_level_by_level(open_store: Callable[[], SqlStore], night: Any) -> None:
    """The edge, the leaf hashes, the nodes above them and each entry are those that were appended."""
    with open_store().writing() as unit:
        entries = [night.entry(Operation.PADDING, None, None) for _ in range(300)]
        night.append(unit, entries)
    expected, nodes = Frontier().append(entry.leaf_hash for entry in entries)
    with open_store().reading() as view:
        assert view.frontier() == expected
        assert view.nodes(0, 250, 100) == [entry.leaf_hash for entry in entries[250:]]
        assert view.nodes(1, 0, 256) == [node.hash for node in nodes]
        assert view.entry(entries[7].id) == entries[7]._replace(place=7)
        assert view.entry("unknown") is None


def test_latest_checkpoint_is_that_of_the_largest_tree(store: SqlStore) -> None:
    """Whatever order they are kept in."""
    with store.reading() as view:
        assert view.latest_checkpoint() is None
    with store.writing() as unit:
        unit.add_checkpoint(CheckpointRecord(64, b"r" * 32, "note\n64\n", NOW))
        unit.add_checkpoint(CheckpointRecord(32, b"q" * 32, "note\n32\n", NOW))
    with store.reading() as view:
        assert view.latest_checkpoint() == CheckpointRecord(64, b"r" * 32, "note\n64\n", NOW)


def test_event_disclosure_mail_and_acknowledgement_are_read_back(
    open_store: Callable[[], SqlStore], night: Any
) -> None:
    """One accepted event leaves an event, a disclosure and a withholding, a message and what a person said of it."""
    with open_store().writing() as unit:
        first, (told, withheld) = night.publish(unit, withhold=["harbour-house"], child="handle")
        second, _ = night.publish(unit, publisher="eastvale-council", tell=())
        said = night.acknowledge(unit, told, AcknowledgementAction.ACTING)
        later = night.acknowledge(unit, told, AcknowledgementAction.SEEN)
    with open_store().reading() as view:
        assert view.event(first.source, first.id) == replace(first, order=1)
        assert view.event(second.source, first.id) is None
        assert view.events_about(SUBJECT) == (replace(first, order=1), replace(second, order=2))
        assert view.disclosure(told.id) == told
        assert view.disclosure(withheld.id) == withheld
        message = view.mail_of(told.id)
        assert message is not None
        assert (message.content, message.number) == (first.content, 1)
        assert view.mail_of(withheld.id) is None
        assert view.mailbox("eastvale-council") == Mailbox("eastvale-council", 1, 1)
        assert view.acknowledgement(said.id) == said
        assert view.acknowledgements_of(told.id) == (said, later)


def test_mailbox_never_written_to_begins_at_the_beginning(store: SqlStore) -> None:
    """A new agency needs no row before its first message."""
    with store.reading() as view:
        assert view.mailbox("bright-path") == Mailbox("bright-path", generation=1, top=0)


def test_episode_and_placement_are_replaced_whole(open_store: Callable[[], SqlStore]) -> None:
    """The last state counts, of several in one unit too."""
    placement = Placement(
        "handle", "eastvale-council", (("harbour-house", Role.CARE_PROVIDER),), "E06000901", True, NOW
    )
    moved = replace(placement, area="E06000902")
    calmer = replace(_episode("one"), risk=RiskLevel.LOW)
    with open_store().writing() as unit:
        unit.put_placements([placement])
        unit.put_episodes([_episode("one"), _episode("two")])
    with open_store().writing() as unit:
        unit.put_placements([placement, moved])
        unit.put_episodes([_episode("one"), calmer])
    with open_store().reading() as view:
        assert view.placement("handle") == moved
        assert view.episode("one") == calmer
        assert view.episode("two") == _episode("two")
        assert view.episode("three") is None
        assert view.placement("three") is None


def test_only_running_deadlines_fall_due_the_longest_due_first(store: SqlStore) -> None:
    """A clock that is met, moved or cancelled no longer rings."""
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    with store.writing() as unit:
        unit.put_episodes(
            [
                _episode("one", _deadline("a", late), _deadline("b", NOW + timedelta(seconds=1))),
                _episode("two", _deadline("c", early), _deadline("d", early, DeadlineState.MET)),
                _episode("three", _deadline("e", early)),
            ]
        )
        unit.put_episodes([_episode("three", _deadline("e", early, DeadlineState.CANCELLED))])
    with store.reading() as view:
        assert view.due(NOW, 10) == (DueDeadline("c", "two", early), DueDeadline("a", "one", late))
        assert view.due(NOW, 1) == (DueDeadline("c", "two", early),)
        assert view.due(early - timedelta(seconds=1), 10) == ()


def test_names_that_stand_for_children_and_agencies_are_kept(store: SqlStore) -> None:
    """Handles by reference and identifier, pseudonyms, who knows of whom, and what was consulted this hour."""
    with store.writing() as unit:
        unit.add_handles([("h1", "eastvale-council", b"ref"), ("h2", "harbour-house", b"ref")])
        unit.add_identifiers([("h2", b"nhs"), ("h1", b"nhs")])
        unit.add_identifiers([("h1", b"nhs")])
        unit.add_pseudonyms({SUBJECT: "pseudonym"})
        unit.add_knowledge([("harbour-house", SUBJECT, "northmere-police")])
        unit.add_knowledge(
            [("harbour-house", SUBJECT, "northmere-police"), ("harbour-house", SUBJECT, "eastvale-council")]
        )
        unit.add_consultations(["person object hour"])
        unit.add_consultations(["person object hour"])
    with store.reading() as view:
        assert view.handle("eastvale-council", b"ref") == "h1"
        assert view.handle("westmoor-council", b"ref") is None
        assert view.handles_with(b"nhs") == ("h1", "h2")
        assert view.handles_with(b"other") == ()
        assert view.pseudonym(SUBJECT) == "pseudonym"
        assert view.pseudonym("episode/other") is None
        assert view.knows("harbour-house", SUBJECT) == {"northmere-police", "eastvale-council"}
        assert view.knows("eastvale-council", SUBJECT) == frozenset()
        assert view.consulted("person object hour")
        assert not view.consulted("person object next hour")


def test_time_is_one_moment_whatever_its_zone(store: SqlStore) -> None:
    """An hour of London's summer is stored as the moment that it was; a time without a zone is refused."""
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    with store.writing() as unit:
        unit.add_checkpoint(CheckpointRecord(16, b"r" * 32, "note", summer))
    with store.reading() as view:
        kept = view.latest_checkpoint()
    assert kept is not None
    assert (kept.at, kept.at.tzinfo) == (summer, UTC)
    naive = summer.replace(tzinfo=None)
    with pytest.raises(Exception, match="zone"), store.writing() as unit:
        unit.add_checkpoint(CheckpointRecord(32, b"r" * 32, "note", naive))
