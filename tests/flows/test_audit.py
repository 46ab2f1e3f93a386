"""What a data protection officer may ask, and what nobody but they may."""

import re
from datetime import timedelta

import orjson
import pytest
from ulid import ULID

from broker.flows.audit import explanation, find, opening, proof, search
from broker.flows.check import read
from broker.flows.consult import Caller, consult
from broker.flows.preview import preview
from broker.ports.records import DisclosureFilter, Scope
from contracts.ledger_entry import Operation

DPO = frozenset({"publish", "subscribe", "audit"})
OVERSIGHT = Caller("northmere-hub-oversight", frozenset({"oversight"}))
CANARY = "Left after a call."


def dpo(agency):
    return Caller(agency, DPO)


def reader(agency):
    return Caller(agency, frozenset({"subscribe"}))


def ask(doors, caller, **wanted):
    with doors.view() as view:
        return search(view, caller, DisclosureFilter(**({"agency": None, "limit": 500} | wanted)))["items"]


@pytest.fixture
def night(doors):
    """A placement, a report, and the force's assessment an hour later."""
    handle = doors.place()
    episode = doors.open(handle).receipt.episode
    doors.clock.advance(timedelta(hours=1))
    doors.risk("northmere-police", episode)
    return doors, handle, episode


def row_of(doors, episode, recipient, event_type="concordat.episode.opened.v1"):
    rows = doors.disclosures(episode=episode, type=event_type)
    return next(one for one in rows if one.recipient == recipient)


def test_a_publishers_dpo_sees_both_sides(night):
    """The force: what it was told by the home, and whom its own assessment was told or not told."""
    doors, _, _ = night
    found = ask(doors, dpo("northmere-police"))
    assert {one["publisher"] for one in found} == {"harbour-house", "northmere-police"}
    assert {one["outcome"] for one in found if one["publisher"] == "northmere-police"} == {"disclosed", "withheld"}
    given = [one for one in found if one["publisher"] == "harbour-house"]
    assert [one["recipient"] for one in given] == ["northmere-police"]
    assert {"event_id", "withheld", "reason", "child"}.isdisjoint(given[0])


def test_without_the_audit_scope_an_agency_sees_what_it_received(night):
    """A SPOC's token finds its own mail and no more."""
    doors, _, _ = night
    found = ask(doors, reader("eastvale-council"))
    assert [one["id"] for one in reversed(found)] == [one["id"] for one in doors.mail("eastvale-council")]
    assert ask(doors, reader("harbour-house"), publisher="harbour-house") == []


def test_what_one_was_not_told_one_does_not_find(night):
    """The charity was not told of anything: it finds nothing, whatever it asks for."""
    doors, _, episode = night
    assert ask(doors, dpo("bright-path")) == []
    assert ask(doors, dpo("bright-path"), outcome="withheld") == []
    assert [one["recipient"] for one in ask(doors, OVERSIGHT, recipient="bright-path", episode=episode)] == [
        "bright-path"
    ] * 2


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"recipient": "westmoor-council"}, 3),
        ({"publisher": "northmere-police"}, 5),
        ({"type": "concordat.episode.opened.v1"}, 5),
        ({"protocol": "northmere-missing-children@1"}, 11),
        ({"protocol": "northmere-missing-children@2"}, 0),
        ({"field": "risk.level"}, 8),
        ({"field": "reporter.**"}, 4),
        ({"outcome": "withheld"}, 3),
        ({"recipient": "northmere-health", "outcome": "disclosed"}, 3),
    ],
)
def test_oversight_searches_by_every_mark(night, wanted, count):
    """Each filter finds what it names, over a placement, a report and an assessment."""
    doors, _, _ = night
    assert len(ask(doors, OVERSIGHT, **wanted)) == count


def test_a_search_is_limited_by_episode_child_and_time(night):
    """By the child both the record and the episode; by the hour only what was decided in it."""
    doors, handle, episode = night
    assert len(ask(doors, OVERSIGHT, episode=episode)) == 10
    assert len(ask(doors, OVERSIGHT, child=handle)) == 14
    assert ask(doors, OVERSIGHT, child=str(ULID())) == []
    late = doors.clock.now() - timedelta(minutes=1)
    assert {one["type"] for one in ask(doors, OVERSIGHT, since=late)} == {"concordat.risk.changed.v1"}
    assert len(ask(doors, OVERSIGHT, until=late)) == 9


def test_a_search_goes_on_where_its_page_ended(night):
    """Five at a time, newest first, each once."""
    doors, _, _ = night
    ids, before = [], None
    while True:
        with doors.view() as view:
            page = search(view, OVERSIGHT, DisclosureFilter(agency=None, limit=5, before=before))
        ids += [one["id"] for one in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert ids == [one.id for one in doors.disclosures()]


def test_a_recipient_does_not_learn_the_childs_handle_from_a_search(night):
    """By the handle it could join episodes that it was given under initials; who was told of the record may see it."""
    doors, handle, episode = night
    assert all("child" not in one for one in ask(doors, reader("northmere-police")))
    assert {one["child"] for one in ask(doors, reader("westmoor-council"), episode=episode)} == {handle}


def test_a_notice_of_the_hubs_own_does_not_say_whose_event_caused_it(night):
    """The council sees that an interview is due, not who reported the return; nor can it ask by publisher."""
    doors, _, episode = night
    document = doors.event(
        "northmere-police",
        "concordat.child.returned.v1",
        {"returned_at": "2026-11-20T22:35:00Z", "setting": "placement"},
        subject=f"episode/{episode}",
        concordataudience="-agency:westmoor-council",
    )
    doors.send(document)
    (notice,) = ask(doors, dpo("westmoor-council"), type="concordat.rhi.due.v1")
    assert "publisher" not in notice
    assert ask(doors, dpo("westmoor-council"), type="concordat.rhi.due.v1", publisher="northmere-police") == []
    assert len(ask(doors, dpo("westmoor-council"), publisher="northmere-police")) == 1
    with doors.view() as view:
        assert "publisher" not in explanation(view, dpo("westmoor-council"), notice["id"])["disclosure"]


def test_who_is_neither_side_finds_nothing(night):
    """For a third agency a disclosure does not exist: not by its id, nor its explanation, opening or proof."""
    doors, _, episode = night
    doors.publish_checkpoint()
    row = row_of(doors, episode, "eastvale-council")
    with doors.view() as view:
        for caller in (dpo("westmoor-council"), dpo("bright-path"), reader("harbour-house"), Caller("nobody", DPO)):
            assert find(view, caller, row.id) is None
            assert explanation(view, caller, row.id) is None
            assert opening(view, caller, row.id) is None
            assert proof(view, caller, row.id) is None
        for caller in (dpo("harbour-house"), dpo("eastvale-council"), reader("eastvale-council"), OVERSIGHT):
            assert find(view, caller, row.id) is not None


def test_who_was_not_told_cannot_look_the_withholding_up(night):
    """Even with the id of the withholding in hand."""
    doors, _, episode = night
    row = row_of(doors, episode, "bright-path")
    with doors.view() as view:
        assert find(view, dpo("bright-path"), row.id) is None
        assert find(view, dpo("harbour-house"), row.id) is not None


def test_oversight_sees_no_values(night):
    """Nothing that oversight may read has a word of what was shared."""
    doors, _, _ = night
    shown = ask(doors, OVERSIGHT)
    with doors.view() as view:
        for row in list(shown):
            shown.append(explanation(view, OVERSIGHT, row["id"]))
            found = opening(view, OVERSIGHT, row["id"])
            assert "payload" not in found.commitments
            shown.append(found.model_dump())
    text = orjson.dumps(shown).decode()
    assert all(word not in text for word in (CANARY, "Robin", "Casey", "bus station", "01632"))


def test_an_explanation_can_be_read_out(night):
    """The host council is told in sentences what it got, how, and on what basis; the home also why not the rest."""
    doors, _, episode = night
    row = row_of(doors, episode, "westmoor-council")
    with doors.view() as view:
        theirs = explanation(view, dpo("westmoor-council"), row.id)
        ours = explanation(view, dpo("harbour-house"), row.id)
    said = "\n".join(theirs["sentences"])
    assert re.search(r"^Released by northmere-missing-children@1#host-authority: .*risk\.level", said, re.MULTILINE)
    assert re.search(r"^Transformed as initials by .*#host-authority: .*child\.name", said, re.MULTILINE)
    assert "Purpose: find-and-protect." in said
    assert "Legal basis of the recipient: " in said
    assert "reporter.name" in said
    assert "because a clause forbids it" in said
    assert "child.handle" in "\n".join(ours["sentences"])
    assert CANARY not in str(ours)
    withheld = row_of(doors, episode, "bright-path")
    with doors.view() as view:
        assert (
            explanation(view, dpo("harbour-house"), withheld.id)["sentences"][0] == "Nothing was released: no clause."
        )


def test_an_explanation_dies_with_its_key(night):
    """Once the home's data of this episode is erased there is nothing to explain, and the entry remains."""
    doors, _, episode = night
    row = row_of(doors, episode, "eastvale-council")
    doors.hub.parts.vault.erase(Scope(f"episode/{episode}", "harbour-house"))
    with doors.view() as view:
        assert explanation(view, dpo("harbour-house"), row.id) is None
        assert opening(view, dpo("eastvale-council"), row.id).commitments == {}
        assert view.entry(row.id).leaf


def test_a_reading_is_recorded_once_an_hour_for_each_reader_and_object(night):
    """The same person's agency, the same object, the same hour: one entry; anything else is another."""
    doors, _, episode = night

    def consulted(caller, what):
        doors.run(lambda draft: consult(draft, caller, what, doors.hub.parts))
        return doors.operations()[Operation.CONSULTED]

    council = dpo("eastvale-council")
    assert consulted(council, f"episode/{episode}") == 1
    assert consulted(council, f"episode/{episode}") == 1
    assert consulted(council, "disclosures") == 2
    assert consulted(dpo("westmoor-council"), f"episode/{episode}") == 3
    doors.clock.advance(timedelta(minutes=61))
    assert consulted(council, f"episode/{episode}") == 4


def test_a_preview_leaves_nothing_but_that_it_was_asked(doors):
    """Who would be told is answered as publishing would; no event, mail, handle or knowledge stays."""
    handle = doors.place()
    document = doors.event(
        "harbour-house",
        "concordat.episode.opened.v1",
        {"child": {"handle": handle, "name": "Robin Example", "local_reference": "HH-1"}},
        subject=f"episode/{ULID()}",
    )
    incoming, parts = read(document), doors.hub.parts
    rows, mail = len(doors.disclosures()), len(doors.mail("eastvale-council"))
    (asked,) = doors.run(lambda draft: preview(draft, "harbour-house", incoming, parts))
    assert (len(doors.disclosures()), len(doors.mail("eastvale-council"))) == (rows, mail)
    assert doors.operations()[Operation.CONSULTED] == 1
    with doors.view() as view:
        assert view.event(asked.source, asked.event_id) is None
        assert view.episode(asked.episode) is None
        assert view.pseudonym(asked.subject) is None
        assert view.knows("westmoor-council", asked.subject) == frozenset()
    real = doors.send(document)
    assert not real.replayed
    assert [one.agency for one in real.receipt.told] == [one.agency for one in asked.told]


def test_nothing_of_a_child_is_ever_logged(night, capfd):
    """Reports, retries, refusals and readings, and not a word of them on standard output or error."""
    doors, handle, episode = night
    doors.open(handle, circumstances={"text": "Canary Example"})
    doors.hub.sequencer.commit(
        [
            doors.step(
                doors.event(
                    "bright-path",
                    "concordat.risk.changed.v1",
                    {"risk": {"level": "low", "rationale": {"text": "Canary Example"}}},
                    subject=f"episode/{episode}",
                )
            ),
            lambda draft: draft.mailbox(None),
        ]
    )
    ask(doors, OVERSIGHT)
    said = "".join(capfd.readouterr())
    assert all(word not in said for word in ("Canary", "Robin", "Casey", CANARY))
