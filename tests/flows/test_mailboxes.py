"""Mailboxes: numbered without gaps, told what went before, confirmed and acknowledged once."""

from dataclasses import replace

import orjson
import pytest
from ulid import ULID

from broker.casework.refusal import Refused
from broker.flows.acked import Acked, record_acked
from broker.flows.acknowledge import AcknowledgementRequest, acknowledge
from broker.flows.deliver import confirm
from broker.flows.enrol import amend
from broker.flows.mailbox import gap_notice, read_mail
from broker.flows.told import matrix
from broker.ports.records import Position, Scope
from contracts.catalogue import contract_of
from contracts.events.mailbox import ERASED, GAP
from contracts.ledger_entry import Operation
from contracts.parse import InvalidEvent, parse_data
from contracts.vocabulary import AcknowledgementAction

HISTORY = "concordat.episode.history.v1"
HUB = "//hub.northmere.example/hub"


def histories(doors, agency):
    return [one for one in doors.mail(agency) if one["type"] == HISTORY]


def told_of(message):
    return [(one["type"], one["time"]) for one in message["data"]["events"]]


def page(doors, agency, after, limit=500, **filters):
    with doors.view() as view:
        return read_mail(view, agency, after, limit, hub=HUB, **filters)


def places(found):
    return [str(one) for one in found.positions]


@pytest.fixture
def busy(doors):
    """An episode with four messages in the council's mailbox."""
    episode = doors.open(doors.place()).receipt.episode
    doors.risk("northmere-police", episode)
    doors.located("northmere-police", episode)
    doors.risk("northmere-police", episode, "low")
    return doors, episode


def request(**changes):
    asked = {
        "id": str(ULID()),
        "disclosure_id": None,
        "episode": None,
        "up_to": None,
        "action": AcknowledgementAction.SEEN,
        "by_name": "Casey Invented",
        "by_role": "duty SPOC",
    }
    return AcknowledgementRequest(**(asked | changes))


def line(doors, reader, episode, event_type, agency):
    with doors.view() as view:
        rows = matrix(view, reader, episode, doors.hub.parts)["items"]
    return next(row for row in rows if (row["event"]["type"], row["agency"]) == (event_type, agency))


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_mailbox_is_read_in_pages_without_gap_or_repeat(busy):
    """Two at a time, and on from where the page ended, until nothing is left."""
    doors, _ = busy
    first = page(doors, "eastvale-council", None, 2)
    second = page(doors, "eastvale-council", first.next, 2)
    third = page(doors, "eastvale-council", second.next, 2)
    assert (places(first), places(second), places(third)) == (["1.1", "1.2"], ["1.3", "1.4"], [])
    assert (str(third.next), third.gap) == ("1.4", False)


@pytest.mark.parametrize(
    ("after", "gap"), [("1.0", False), ("1.4", False), ("1.5", True), ("2.0", True), ("0.4", True)]
)
def test_a_position_that_was_never_given_is_a_gap(busy, after, gap):
    """Beyond the last number, or of another generation: reading begins again at what is kept."""
    doors, _ = busy
    found = page(doors, "eastvale-council", Position.parse(after))
    assert found.gap is gap
    assert len(found.items) == (0 if after == "1.4" else 4)
    notice = orjson.loads(gap_notice(str(ULID()), HUB, Position.parse(after), found, "2026-11-20T21:40:00.000Z"))
    assert (notice["type"], notice["data"]) == (GAP, {"asked_after": after, "kept_from": "1.1"})
    parse_data(contract_of(GAP), notice["data"])


def test_a_filter_says_how_far_it_has_looked(busy):
    """A reader of one type only is told the highest number that was examined, so that it need not look again."""
    doors, episode = busy
    found = page(doors, "eastvale-council", None, types=("concordat.child.*",))
    assert (places(found), str(found.next)) == (["1.3"], "1.4")
    assert page(doors, "eastvale-council", None, types=("concordat.rhi.*",)).items == ()
    assert len(page(doors, "eastvale-council", None, episode=episode).items) == 4
    assert page(doors, "eastvale-council", None, episode=str(ULID())).items == ()


def test_an_erased_message_keeps_its_number(busy):
    """The home's data on this episode is erased: its message reads as a tombstone that says nothing of it."""
    doors, episode = busy
    doors.hub.parts.vault.erase(Scope(f"episode/{episode}", "harbour-house"))
    tombstone, *rest = doors.mail("eastvale-council")
    assert (tombstone["type"], tombstone["concordatsequence"], tombstone["data"]) == (ERASED, "1.1", {})
    parse_data(contract_of(ERASED), tombstone["data"])
    assert tombstone["source"] == HUB
    assert "subject" not in tombstone
    assert [one["concordatsequence"] for one in rest] == ["1.2", "1.3", "1.4"]
    assert all(one["type"] != ERASED for one in rest)


# --- history -----------------------------------------------------------------------------------------------------


def test_a_force_that_takes_over_is_given_what_went_before(busy):
    """Southfold accepts: a history of the home and one of Northmere, each of what it may know and had not."""
    doors, episode = busy
    doors.offer("northmere-police", episode, "southfold-police")
    assert histories(doors, "southfold-police") == []
    assert [one["type"] for one in doors.mail("southfold-police")] == ["concordat.handover.offered.v1"]
    doors.accept("southfold-police", episode)
    given = {one["source"].rpartition("/")[2]: one for one in histories(doors, "southfold-police")}
    assert set(given) == {"harbour-house", "northmere-police"}
    assert [kind for kind, _ in told_of(given["harbour-house"])] == ["concordat.episode.opened.v1"]
    assert [kind for kind, _ in told_of(given["northmere-police"])] == [
        "concordat.risk.changed.v1",
        "concordat.child.located.v1",
        "concordat.risk.changed.v1",
    ]
    assert given["harbour-house"]["data"]["events"][0]["data"]["reporter"]["name"] == "Casey Invented"


def test_what_was_told_in_the_same_batch_is_not_repeated(doors):
    """Offer and answer wait together: the accepting force has the offer once."""
    episode = doors.open(doors.place()).receipt.episode
    offered, accepted = (
        doors.event(agency, kind, data, subject=f"episode/{episode}")
        for agency, kind, data in (
            ("northmere-police", "concordat.handover.offered.v1", {"to": "southfold-police"}),
            ("southfold-police", "concordat.handover.accepted.v1", {}),
        )
    )
    doors.run(doors.step(offered), doors.step(accepted))
    kinds = [one["type"] for one in doors.mail("southfold-police")]
    assert kinds.count("concordat.handover.offered.v1") == 1
    inner = [kind for one in histories(doors, "southfold-police") for kind, _ in told_of(one)]
    assert "concordat.handover.offered.v1" not in inner


def test_a_force_that_knew_a_little_is_given_the_rest_when_it_owns(doors):
    """Told as a home force of times and places only, it takes over and is given the child's name: no less than all."""
    episode = doors.open(doors.place()).receipt.episode
    doors.confirm("northmere-police", episode, "southfold-police", "home_force")
    first = [one["data"]["events"] for one in histories(doors, "southfold-police")]
    assert "name" not in str(first)
    doors.offer("northmere-police", episode, "southfold-police")
    doors.accept("southfold-police", episode)
    (later,) = [one for one in histories(doors, "southfold-police")[len(first) :] if "harbour" in one["source"]]
    assert later["data"]["events"][0]["data"]["child"]["name"] == "Robin Example"


def test_a_history_that_was_given_is_not_given_again(doors):
    """Handed there and back, a force that owned the episode before is told nothing twice."""
    episode = doors.open(doors.place()).receipt.episode
    doors.risk("northmere-police", episode)
    for giving, taking in (("northmere-police", "southfold-police"), ("southfold-police", "northmere-police")) * 2:
        doors.offer(giving, episode, taking)
        doors.accept(taking, episode)
    held = [
        (one["source"], past)
        for agency in ("southfold-police",)
        for one in histories(doors, agency)
        for past in told_of(one)
    ]
    direct = [(one["source"], (one["type"], one["time"])) for one in doors.mail("southfold-police")]
    opened = [one for one in held + direct if one[1][0] == "concordat.episode.opened.v1"]
    assert len(opened) == 1
    assert histories(doors, "northmere-police") == []


def test_a_late_joiner_is_given_no_more_than_its_part_may_know(busy):
    """A charity without a clause is given nothing; a former owner the risk, never the reporter or the child's name."""
    doors, episode = busy
    doors.confirm("eastvale-council", episode, "bright-path", "charity")
    assert histories(doors, "bright-path") == []
    doors.confirm("northmere-police", episode, "southfold-police", "home_force")
    text = str(histories(doors, "southfold-police"))
    assert "high" in text
    assert all(word not in text for word in ("Casey Invented", "01632", "Robin"))


def test_a_late_joiner_of_a_returned_child_learns_no_publisher_from_the_hubs_notice(doors):
    """All that it may know of what a force published is the hub's own notice: that comes from the hub."""
    episode = doors.open(doors.place()).receipt.episode
    document = doors.event(
        "northmere-police",
        "concordat.child.returned.v1",
        {"returned_at": "2026-11-20T21:35:00Z", "setting": "placement"},
        subject=f"episode/{episode}",
        concordataudience="-agency:southfold-police",
    )
    doors.send(document)
    doors.confirm("eastvale-council", episode, "southfold-police", "home_force")
    from_hub = [one for one in histories(doors, "southfold-police") if one["source"] == HUB]
    assert [told_of(one)[0][0] for one in from_hub] == ["concordat.rhi.due.v1"]
    with doors.view() as view:
        assert "northmere-police" not in view.knows("southfold-police", f"episode/{episode}")


def test_a_suspended_agency_is_given_no_history(doors):
    """Its registration has ended: confirming it gives it nothing."""
    episode = doors.open(doors.place()).receipt.episode
    with doors.view() as view:
        force = next(one for one in view.agencies() if one.id == "southfold-police")
    doors.run(lambda draft: amend(draft, replace(force, active=False)))
    doors.confirm("northmere-police", episode, "southfold-police", "home_force")
    assert doors.mail("southfold-police") == []


# --- delivery and acknowledgement --------------------------------------------------------------------------------


def test_confirming_a_position_delivers_all_before_it_once(busy):
    """The council's machine holds three messages: three deliveries, and the same again is none."""
    doors, episode = busy
    step = lambda draft: confirm(draft, "eastvale-council", Position(1, 3), "inbox", doors.hub.parts)  # noqa: E731
    assert doors.run(step, step) == [3, 0]
    assert doors.run(step) == [0]
    assert doors.operations()[Operation.DELIVERED] == 3
    assert (
        line(doors, "northmere-police", episode, "concordat.risk.changed.v1", "harbour-house")["delivered_at"] is None
    )


def delivered(doors, agency):
    """Which of an agency's messages the told matrices show as delivered, by their place."""
    ids = [one["id"] for one in doors.mail(agency)]
    with doors.view() as view:
        arrived = [view.has_arrived(one) for one in ids]
    return {place for place, has_arrived in enumerate(arrived, 1) if has_arrived}


def acks(doors, floor, most, **more):
    acked = Acked("eastvale-council", Position(1, floor), 70 + floor, **more)
    with doors.hub.store.writing() as unit:
        lease = unit.take_lease("relay/0", "somebody", doors.clock.now(), 30)
    return lambda draft: record_acked(draft, acked, lease, doors.hub.parts, most)


@pytest.mark.parametrize("together", [True, False])
def test_acks_that_are_recorded_piece_by_piece_are_recorded_whole(busy, together):
    """One at a time, among other work, in one commit or in several: none is passed over, and none counts twice."""
    doors, _ = busy
    step, done = acks(doors, 3, most=1), []
    for _ in range(2):
        done += doors.run(step, step) if together else [doors.run(step)[0], doors.run(step)[0]]
    assert done == [False, False, True, True]
    assert delivered(doors, "eastvale-council") == {1, 2, 3}
    assert doors.operations()[Operation.DELIVERED] == 3
    with doors.view() as view:
        assert view.mailbox("eastvale-council").confirmed == 3


@pytest.mark.parametrize("most", [1, 99])
def test_what_a_machine_refused_for_good_is_not_delivered_by_what_it_takes_later(busy, most):
    """The council's machine cannot read the second message: what comes after it arrives, and that one never did."""
    doors, _ = busy
    unreadable = doors.mail("eastvale-council")[1]["id"]
    first, later = acks(doors, 3, most, refused=frozenset({unreadable})), acks(doors, 4, most)
    while not doors.run(first)[0]:
        pass
    assert delivered(doors, "eastvale-council") == {1, 3}
    while not doors.run(later)[0]:
        pass
    assert delivered(doors, "eastvale-council") == {1, 3, 4}


def test_a_reader_that_left_some_out_leaves_them_on_their_way(busy):
    """The desk's feed had asked for no risk: its machine holds the rest, and the whole mailbox later brings them."""
    doors, _ = busy
    risk = "concordat.risk.changed.v1"

    def confirmed(number, was_sent=None):
        council = "eastvale-council"
        step = lambda draft: confirm(draft, council, Position(1, number), "feed", doors.hub.parts, was_sent)  # noqa: E731
        return doors.run(step)[0]

    assert confirmed(4, lambda one: one.type != risk) == 2
    assert delivered(doors, "eastvale-council") == {1, 3}
    assert confirmed(3) == 1
    assert delivered(doors, "eastvale-council") == {1, 2, 3}
    assert confirmed(4) == 1
    assert delivered(doors, "eastvale-council") == {1, 2, 3, 4}
    assert doors.operations()[Operation.DELIVERED] == 4


@pytest.mark.parametrize("position", [Position(1, 99), Position(2, 1), Position(0, 1)])
def test_a_position_that_cannot_have_been_read_confirms_nothing(busy, position):
    """Beyond what was sent, or of another generation."""
    doors, _ = busy
    assert doors.run(lambda draft: confirm(draft, "eastvale-council", position, "inbox", doors.hub.parts)) == [0]
    assert doors.operations()[Operation.DELIVERED] == 0


def test_what_a_person_has_seen_has_arrived(busy):
    """The home's duty senior acknowledges one message: it is delivered, seen, and recorded once however often run."""
    doors, episode = busy
    message = doors.mail("harbour-house")[-1]
    asked = request(disclosure_id=message["id"], action=AcknowledgementAction.ACTING)
    step = lambda draft: acknowledge(draft, "harbour-house", asked, doors.hub.parts)  # noqa: E731
    (first,) = doors.run(step)
    size = doors.size()
    (again,) = doors.run(step)
    assert again == first
    assert doors.size() == size
    counted = doors.operations()
    assert (counted[Operation.DELIVERED], counted[Operation.ACKNOWLEDGED]) == (1, 1)
    with doors.view() as view:
        rows = matrix(view, "harbour-house", episode, doors.hub.parts)["items"]
    (row,) = [one for one in rows if one["acting_at"] is not None]
    assert row["delivered_at"] is not None


def test_an_episode_is_acknowledged_up_to_a_place(busy):
    """Everything up to number three, and not what came after."""
    doors, episode = busy
    asked = request(episode=episode, up_to=Position(1, 3))
    (rows,) = doors.run(lambda draft: acknowledge(draft, "eastvale-council", asked, doors.hub.parts))
    assert [row.disclosure for row in rows] == [one["id"] for one in doors.mail("eastvale-council")[:3]]


def test_nobody_acknowledges_what_another_was_told(busy):
    """Another's disclosure, what was withheld, and what does not exist are the same: there is no such thing."""
    doors, episode = busy
    others = doors.mail("eastvale-council")[0]["id"]
    withheld = next(row.id for row in doors.disclosures(outcome="withheld") if row.recipient == "bright-path")
    before = doors.size()
    for agency, asked in (
        ("westmoor-council", request(disclosure_id=others)),
        ("bright-path", request(disclosure_id=withheld)),
        ("westmoor-council", request(disclosure_id=str(ULID()))),
        ("bright-path", request(episode=episode, up_to=Position(1, 9))),
    ):
        with pytest.raises(Refused) as refused:
            doors.run(lambda draft, agency=agency, asked=asked: acknowledge(draft, agency, asked, doors.hub.parts))
        assert (refused.value.slug, refused.value.status) == ("unknown-disclosure", 404)
    assert doors.size() == before


def test_an_acknowledgement_may_come_as_an_event(busy):
    """An agency's system publishes it like everything else: the matrix changes and nobody is mailed."""
    doors, episode = busy
    message = doors.mail("eastvale-council")[0]
    before = len(doors.mail("harbour-house"))
    data = {"disclosure_id": message["id"], "action": "acting", "by": {"name": "Casey Invented", "role": "duty SPOC"}}
    document = doors.event("eastvale-council", "concordat.acknowledgement.given.v1", data, subject=f"episode/{episode}")
    doors.send(document)
    assert doors.send(document).replayed
    assert doors.operations()[Operation.ACKNOWLEDGED] == 1
    assert len(doors.mail("harbour-house")) == before
    row = line(doors, "harbour-house", episode, "concordat.episode.opened.v1", "eastvale-council")
    assert row["acting_at"] is not None
    for place in ({"up_to_sequence": "soon"}, {}):
        wrong = {"action": "seen", "by": data["by"]} | place
        with pytest.raises(InvalidEvent):
            doors.publish("eastvale-council", "concordat.acknowledgement.given.v1", wrong, subject=f"episode/{episode}")
