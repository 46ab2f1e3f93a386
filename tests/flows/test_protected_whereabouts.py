"""A child whose whereabouts are protected: found far away, and nobody who may not know the place can work it out."""

from dataclasses import replace

import orjson
import pytest

from broker.flows.audit import explanation, opening, search
from broker.flows.consult import Caller
from broker.flows.episodes import episode_as_seen
from broker.flows.told import matrix
from broker.ports.records import DisclosureFilter

HUB = "//hub.northmere.example/hub"
KEPT_OUT = ("westmoor-council", "harbour-house", "northmere-health")
BETRAYING = ("southfold", "Farland", "E10999003", "refuge", '"ZZ9', "01632 960999", "54.54321")
"""Words that say where the child is: the far force, the place, its area, its postcode, its telephone, its latitude.

Each is such as no random id and no time of day holds by chance: a value begins with the postcode, an id never does.
"""


def everything_shown(doors, agency, episode):
    """Return all bytes that an agency can read about an episode by any door."""
    # A controller's DPO sees to whom its own data went, wherever that is: the home, which published, asks as a SPOC.
    scopes = {"publish", "subscribe"} | (set() if agency == "harbour-house" else {"audit"})
    caller = Caller(agency, frozenset(scopes))
    shown = [doors.mail(agency)]
    doors.publish_checkpoint()
    with doors.view() as view:
        shown += [episode_as_seen(view, agency, episode), matrix(view, agency, episode, doors.hub.parts)]
        found = search(view, caller, DisclosureFilter(agency=None, limit=500))["items"]
        shown.append(found)
        for row in found:
            entry = view.entry(row["id"])
            shown += [explanation(view, caller, row["id"]), opening(view, caller, row["id"]).model_dump()]
            shown.append(entry.leaf.decode())
        for force in ("southfold-police", "northmere-police"):
            asked = DisclosureFilter(agency=None, limit=500, publisher=force)
            shown.append(search(view, caller, asked)["items"])
    return orjson.dumps(shown).decode()


def far_away(doors, *, flagged):
    """Tell the story: reported by the home, taken over by the far force, found there in a refuge, brought back."""
    handle = doors.place(protected_whereabouts=flagged)
    episode = doors.open(handle).receipt.episode
    reason = {"text": "seen in Farland", "contains": ["location"]}
    doors.offer("northmere-police", episode, "southfold-police", reason=reason)
    doors.accept("southfold-police", episode)
    doors.risk("southfold-police", episode)
    point = {"latitude": 54.54321, "longitude": -2.25}
    place = {"words": "refuge in Farland", "area": "E10999003", "postcode": "ZZ9 9ZZ", "point": point}
    doors.located(
        "southfold-police",
        episode,
        found_by="Farland beat officer, 01632 960999",
        area="E10999003",
        place=place,
        condition={"text": "Tired, at the refuge.", "contains": ["health", "location"]},
    )
    doors.publish(
        "southfold-police",
        "concordat.wellbeing.confirmed.v1",
        {"confirmed_at": "2026-11-20T21:39:00Z", "confirmed_by": "Farland nurse"},
        subject=f"episode/{episode}",
    )
    doors.returned("southfold-police", episode, place=place)
    doors.pass_hours(80)
    return episode


@pytest.mark.parametrize("agency", KEPT_OUT)
def test_a_flagged_childs_place_reaches_nobody_who_may_not_know_it(doors, agency):
    """Host authority, home and health get what they may act on, and by no door a word that says where the child is."""
    episode = far_away(doors, flagged=True)
    text = everything_shown(doors, agency, episode)
    assert "concordat.child.located.v1" in text
    assert [word for word in BETRAYING if word in text] == []


def test_who_must_fetch_the_child_knows_where_it_is(doors):
    """The responsible authority is told the place, and by whom."""
    episode = far_away(doors, flagged=True)
    text = everything_shown(doors, "eastvale-council", episode)
    assert [word for word in ("southfold-police", "refuge in Farland", "E10999003") if word not in text] == []
    located = next(one for one in doors.mail("eastvale-council") if one["type"] == "concordat.child.located.v1")
    assert located["source"] == "//hub.northmere.example/agencies/southfold-police"


def test_of_a_child_who_is_not_flagged_the_source_is_shown(doors):
    """The same night without the flag: the home sees who found the child."""
    far_away(doors, flagged=False)
    sources = {one["source"] for one in doors.mail("harbour-house") if one["type"] == "concordat.child.located.v1"}
    assert sources == {"//hub.northmere.example/agencies/southfold-police"}


def test_a_hidden_source_is_the_hub_and_teaches_nobody(doors):
    """Message, leaf and search name the hub alone; the reader has not been told of the far force."""
    episode = far_away(doors, flagged=True)
    messages = [one for one in doors.mail("westmoor-council") if one["subject"].startswith("episode/")]
    assert {one["source"] for one in messages} == {HUB}
    with doors.view() as view:
        actors = {orjson.loads(view.entry(one["id"]).leaf)["actor"] for one in messages}
        known = view.knows("westmoor-council", f"episode/{episode}")
    assert actors == {HUB}
    assert "southfold-police" not in known


def test_the_receipt_of_who_is_kept_out_does_not_name_the_far_force(doors):
    """The home reports that it holds a bed ready: its receipt names those it knows, not who now owns the episode."""
    episode = far_away(doors, flagged=True)
    receipt = doors.located("harbour-house", episode).receipt
    assert receipt.told
    assert "southfold" not in receipt.model_dump_json()
    assert "located" in doors.mail("southfold-police")[-1]["type"]


def test_a_late_joiner_who_is_kept_out_learns_nothing_from_the_history(doors):
    """A health team that is confirmed after the child was found is told no more of the place than the first."""
    episode = far_away(doors, flagged=True)
    doors.run(admit_second_team)
    doors.confirm("eastvale-council", episode, "second-health", "health")
    text = everything_shown(doors, "second-health", episode)
    assert [word for word in BETRAYING if word in text] == []


def admit_second_team(draft):
    health = next(one for one in draft.agencies() if one.id == "northmere-health")
    draft.put_agency(replace(health, id="second-health", keys=()))


def test_a_flag_that_is_set_during_the_search_counts_from_the_next_event(doors):
    """The council flags the child after the report: from then on the home and the host are told no source."""
    reference = {"local_reference": "EC-2041", "name": "Robin Example", "birth_date": "2012-05-14"}
    handle = doors.place()
    episode = doors.open(handle).receipt.episode
    doors.risk("northmere-police", episode)
    doors.place(child=reference, protected_whereabouts=True)
    doors.risk("northmere-police", episode, "low")
    sources = [one["source"] for one in doors.mail("harbour-house") if one["type"] == "concordat.risk.changed.v1"]
    assert sources == ["//hub.northmere.example/agencies/northmere-police", HUB]


def test_a_reporter_may_flag_without_a_record(doors):
    """No placement record, but the home says that the place is protected: so it is."""
    opened = doors.open(None, protected_whereabouts=True, involved=[]).receipt
    doors.confirm("northmere-police", opened.episode, "westmoor-council", "host_authority")
    doors.located("northmere-police", opened.episode, area="E10999003")
    messages = doors.mail("westmoor-council")
    assert {one["source"] for one in messages} == {HUB}
    assert "E10999003" not in str(messages)
