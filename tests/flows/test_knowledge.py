"""Telling about telling: nobody is shown an agency that it did not name itself or was not told of."""

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ulid import ULID

from broker.casework.refusal import Refused
from broker.flows.audit import find, search
from broker.flows.consult import Caller
from broker.flows.episodes import episode_as_seen
from broker.flows.told import matrix
from broker.ports.records import DisclosureFilter

AGENCIES = (
    "northmere-police",
    "southfold-police",
    "eastvale-council",
    "westmoor-council",
    "harbour-house",
    "northmere-health",
    "bright-path",
)
HUB = "//hub.northmere.example/hub"
RHI = "concordat.rhi.due.v1"


def named_in(value: Any) -> set[str]:
    """Agencies whose name stands anywhere in a value."""
    text = orjson.dumps(value).decode()
    return {agency for agency in AGENCIES if agency in text}


def matrix_of(doors, reader, episode):
    with doors.view() as view:
        return matrix(view, reader, episode, doors.hub.parts)


def test_a_notice_does_not_tell_its_controller_of_an_agency_it_never_heard_of(doors):
    """The force reports the return; who must hold the interview it was never told, and the notice does not say it."""
    episode = doors.open(doors.place()).receipt.episode
    doors.returned("northmere-police", episode)
    (notice,) = [one for one in doors.mail("northmere-police") if one["type"] == RHI]
    assert set(notice["data"]) == {"stage", "returned_at", "due_at"}
    (council,) = [one for one in doors.mail("eastvale-council") if one["type"] == RHI]
    assert council["data"]["responsible"] == "eastvale-council"
    with doors.view() as view:
        assert view.knows("northmere-police", f"episode/{episode}") == {"harbour-house"}
    assert {one["agency"] for one in matrix_of(doors, "northmere-police", episode)["items"]} <= {
        "northmere-police",
        "harbour-house",
    }
    assert {one.agency for one in doors.risk("northmere-police", episode).receipt.told} == {"harbour-house"}


def test_a_notice_names_to_its_controller_whom_it_has_been_told_of(doors):
    """Once the council has published to the force, the notice says that it is the council's interview."""
    episode = doors.open(doors.place()).receipt.episode
    doors.located("eastvale-council", episode)
    doors.returned("northmere-police", episode)
    (notice,) = [one for one in doors.mail("northmere-police") if one["type"] == RHI]
    assert notice["data"]["responsible"] == "eastvale-council"


def test_the_recipient_view_of_a_stripped_notice_does_not_betray_that_there_was_more(doors):
    """The detail that the controller may open lists only what it was given."""
    episode = doors.open(doors.place()).receipt.episode
    doors.returned("northmere-police", episode)
    row = next(one for one in doors.disclosures(type=RHI) if one.recipient == "northmere-police")
    with doors.view() as view:
        opening = view.entry(row.id).opening
    assert b"responsible" not in opening
    assert (row.released, row.withheld) == (("stage", "returned_at", "due_at"), ())


def test_the_matrix_has_no_line_of_an_event_that_the_reader_did_not_get(doors):
    """A council that was kept out of one event does not see who got it, nor that there was one."""
    episode = doors.open(doors.place()).receipt.episode
    data = {"risk": {"level": "high"}}
    doors.publish(
        "northmere-police",
        "concordat.risk.changed.v1",
        data,
        subject=f"episode/{episode}",
        concordataudience="-agency:westmoor-council",
    )
    assert {one["event"]["type"] for one in matrix_of(doors, "westmoor-council", episode)["items"]} == {
        "concordat.episode.opened.v1"
    }
    assert "concordat.risk.changed.v1" in str(matrix_of(doors, "harbour-house", episode))
    assert matrix_of(doors, "bright-path", episode) is None
    assert matrix_of(doors, "southfold-police", episode) is None


def test_the_matrix_says_whom_ones_own_event_did_not_reach(doors):
    """The home named a charity that no clause lets be told: its matrix says so, and that it must be rung."""
    episode = doors.open(doors.place()).receipt.episode
    (missed,) = matrix_of(doors, "harbour-house", episode)["not_told"]
    assert (missed["agency"], missed["reason"], missed["ring"]) == ("bright-path", "no_clause", True)
    assert matrix_of(doors, "eastvale-council", episode)["not_told"] == []


def test_a_publisher_whom_nobody_heard_still_has_its_episode(doors):
    """A charity whose report reached nobody is shown its own empty matrix, not that there is no such episode."""
    data = {"child": {"name": "Robin Example"}}
    episode = doors.publish(
        "bright-path", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}"
    ).receipt.episode
    assert matrix_of(doors, "bright-path", episode)["items"] == []
    assert matrix_of(doors, "harbour-house", episode) is None


def test_an_episode_is_shown_in_the_order_of_its_times(doors):
    """Summer time and Greenwich: what happened first stands first, whatever its offset."""
    episode = doors.open(doors.place()).receipt.episode
    late = doors.event("northmere-police", "concordat.risk.changed.v1", {"risk": {"level": "low"}})
    early = doors.event("northmere-police", "concordat.risk.changed.v1", {"risk": {"level": "high"}})
    doors.send(late | {"subject": f"episode/{episode}", "time": "2026-11-20T22:10:00Z"})
    doors.send(early | {"subject": f"episode/{episode}", "time": "2026-11-20T23:00:00+01:00"})
    with doors.view() as view:
        seen = episode_as_seen(view, "eastvale-council", episode)
    assert seen["risk"] == "low"
    assert [one["data"]["risk"]["level"] for one in seen["events"]] == ["medium", "high", "low"]
    assert [one["own"] for one in seen["events"]] == [False] * 3


# --- any script --------------------------------------------------------------------------------------------------

_agency = st.sampled_from(AGENCIES)
_role = st.sampled_from(
    ("owning_force", "home_force", "responsible_authority", "host_authority", "care_provider", "health", "charity")
)
_involved = st.lists(st.builds(lambda agency, role: {"agency": agency, "role": role}, _agency, _role), max_size=3)
_provenance = st.one_of(st.none(), st.builds(lambda agency: {"on_behalf_of": agency}, _agency))


def _data(kind, **fields):
    def build(provenance, **drawn):
        return kind, drawn | ({} if provenance is None else {"provenance": provenance})

    return st.builds(build, provenance=_provenance, **fields)


_at = st.just("2026-11-20T21:30:00Z")
_moves = st.one_of(
    _data("concordat.risk.changed.v1", risk=st.sampled_from([{"level": "high"}, {"level": "low"}])),
    _data("concordat.involvement.added.v1", involved=_involved.filter(bool)),
    _data("concordat.involvement.confirmed.v1", involved=_involved.filter(bool)),
    _data("concordat.child.located.v1", located_at=_at),
    _data("concordat.child.returned.v1", returned_at=_at, setting=st.just("placement")),
    _data("concordat.handover.offered.v1", to=_agency),
    _data("concordat.handover.accepted.v1"),
    _data("concordat.handover.declined.v1", reason=st.just({"text": "no car", "contains": []})),
    _data("tick"),
)
_audience = st.one_of(st.none(), _agency.map(lambda agency: f"-agency:{agency}"))


def play(doors, record, opening, script):
    """Play a script; return the episode, and whom each agency named itself."""
    own = {agency: set() for agency in AGENCIES}
    shown = {agency: [] for agency in AGENCIES}

    def publish(agency, kind, data, **attributes):
        document = doors.event(agency, kind, data, **{key: one for key, one in attributes.items() if one is not None})
        own[agency] |= named_in(data)
        try:
            receipt = doors.send(document).receipt
        except Refused:
            return None
        shown[agency].append(orjson.loads(receipt.model_dump_json()))
        return receipt

    involved, flagged, audience = record
    placed = publish(
        "eastvale-council",
        "concordat.placement.notified.v1",
        {
            "child": {"local_reference": "EC-2041"},
            "placement": {"began_at": "2026-11-01T09:00:00Z"},
            "involved": involved,
            "protected_whereabouts": flagged,
        },
        concordataudience=audience,
    )
    opener, named = opening
    child = {"name": "Robin Example"} | ({} if placed is None else {"handle": placed.subject.removeprefix("child/")})
    receipt = publish(
        opener, "concordat.episode.opened.v1", {"child": child, "involved": named}, subject=f"episode/{ULID()}"
    )
    for agency, (kind, data), kept_back in script:
        if kind == "tick":
            doors.pass_hours(80)
        elif receipt is not None:
            publish(agency, kind, data, subject=f"episode/{receipt.episode}", concordataudience=kept_back)
    return None if receipt is None else receipt.episode, own, shown


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    record=st.tuples(_involved, st.booleans(), _audience),
    opening=st.tuples(
        st.sampled_from(("harbour-house", "eastvale-council", "northmere-health", "bright-path")), _involved
    ),
    script=st.lists(st.tuples(_agency, _moves, _audience), max_size=8),
)
def test_nobody_is_shown_an_agency_that_it_was_not_told_of(build, record, opening, script):
    """Whatever is published by whom: receipts and matrix show a reader only whom it named or its mail named."""
    doors = build()
    episode, own, shown = play(doors, record, opening, script)
    if episode is None:
        return
    for reader in AGENCIES:
        mail = doors.mail(reader)
        told_of = own[reader] | {reader} | named_in([(one["source"], one["data"]) for one in mail])
        for receipt in shown[reader]:
            assert named_in([receipt["told"], receipt["not_told"]]) <= told_of, reader
        seen = matrix_of(doors, reader, episode)
        if seen is not None:
            assert named_in(seen) <= told_of, reader
            mine = {(one["type"], one["time"]) for one in mail} | {("own", reader)}
            with doors.view() as view:
                published = {e.type for e in view.events_about(f"episode/{episode}") if e.controller == reader}
            assert {one["event"]["type"] for one in seen["items"]} <= {kind for kind, _ in mine} | published
        caller = Caller(reader, frozenset({"subscribe"}))
        with doors.view() as view:
            found = search(view, caller, DisclosureFilter(agency=None, limit=500))["items"]
        assert named_in([one.get("publisher") for one in found]) <= told_of, reader
        assert {one["id"] for one in found} == {one["id"] for one in mail}
        numbers = [one["concordatsequence"] for one in mail]
        assert numbers == [f"1.{place}" for place in range(1, len(mail) + 1)]
    doors.close()
    build.built.clear()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    record=st.tuples(_involved, st.just(value=False), st.none()),
    script=st.lists(st.tuples(_agency, _moves, _audience), min_size=3, max_size=10),
)
def test_every_message_has_its_disclosure_and_every_disclosure_its_entry(build, record, script):
    """Append before release: nothing lies in a mailbox without an entry that commits to exactly it."""
    doors = build()
    play(doors, record, ("harbour-house", []), script)
    for reader in AGENCIES:
        for message in doors.mail(reader):
            with doors.view() as view:
                entry, row = view.entry(message["id"]), view.disclosure(message["id"])
                caller = Caller(reader, frozenset({"subscribe"}))
                assert find(view, caller, message["id"]) is not None
            leaf = orjson.loads(entry.leaf)
            assert (leaf["operation"], row.recipient) == ("disclosed", reader)
            assert leaf["recipient"] == f"//hub.northmere.example/agencies/{reader}"
            assert leaf["actor"] == message["source"]
            assert {"payload", "detail", "full_detail"} == set(leaf["commitments"])
    doors.close()
    build.built.clear()
