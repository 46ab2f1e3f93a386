"""What a recipient gets depends on what it was given, and on nothing else of the event."""

import hashlib
import itertools

import orjson
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from broker.flows.audit import explanation, opening, search
from broker.flows.consult import Caller
from broker.flows.episodes import episode_as_seen
from broker.flows.told import matrix
from broker.ports.records import DisclosureFilter

READERS = ("northmere-police", "eastvale-council", "westmoor-council", "northmere-health")
CANARY = "Canary Example"
EPISODE = "01JD6QK3Z8T0V5W2N4Y6B8C0CX"


def numbered():
    """Ids and random bytes that are the same in every run."""
    ids, blocks = itertools.count(1), itertools.count(1)

    def random_bytes(size):
        return hashlib.shake_256(str(next(blocks)).encode()).digest(size)

    return {"new_id": lambda: f"01JD6QK3Z8T0V5W2N4{next(ids):08d}", "random_bytes": random_bytes}


def opened(view, caller, entry_id):
    return opening(view, caller, entry_id).commitments


def night(build, data):
    """Play the same night with one report; return what each reader was given, and all else that it can read of it."""
    doors = build(**numbered())
    child = data["child"] | {"handle": doors.place()}
    subject = f"episode/{EPISODE}"
    document = doors.event("harbour-house", "concordat.episode.opened.v1", data | {"child": child}, subject=subject)
    doors.send(document | {"id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1"})
    held = {}
    with doors.view() as view:
        for reader in READERS:
            caller = Caller(reader, frozenset({"publish", "subscribe", "audit"}))
            told = view.received(reader, subject, None)
            given_ = [orjson.loads(view.mail_of(one.id).content)["data"] for one in told]
            rest = [
                [view.mail_of(one.id).content.decode() for one in told],
                [explanation(view, caller, one.id) for one in told],
                # Keys, nonces and what is committed to under them are random: names and values are compared.
                [{name: kept.value for name, kept in opened(view, caller, one.id).items()} for one in told],
                [{**orjson.loads(view.entry(one.id).leaf), "commitments": None, "nonce": None} for one in told],
                search(view, caller, DisclosureFilter(agency=None, episode=EPISODE)),
                episode_as_seen(view, reader, EPISODE),
                matrix(view, reader, EPISODE, doors.hub.parts),
                sorted(view.knows(reader, subject)),
                str(view.mailbox(reader)),
            ]
            held[reader] = given_, orjson.dumps(rest)
    doors.close()
    build.built.clear()
    return held


def _account(*, of):
    marks = st.one_of(st.none(), st.lists(st.sampled_from(of), unique=True, max_size=2))
    return st.builds(
        lambda text, contains: {"text": text} | ({} if contains is None else {"contains": contains}),
        st.sampled_from(("one account", "another account")),
        marks,
    )


_FIELDS = {
    "circumstances": _account(of=("narrative", "third_party", "criminal_justice", "protected_whereabouts")),
    "reporter": st.sampled_from(({"name": "Casey Invented"}, {"telephone": "01632 960002"}, {"post": "night staff"})),
    "last_seen": st.sampled_from(
        (
            {"place": {"words": "bus station"}},
            {"place": {"postcode": "ZZ9 9ZZ"}},
            {"at": "2026-11-20T19:30:00Z"},
            {"clothing": "a red coat"},
        )
    ),
    "provenance": st.sampled_from(({"reported_via": "phone"}, {"on_behalf_of": "bright-path"})),
    "force_reference": st.sampled_from(("NP-1", "NP-2")),
    "protected_whereabouts": st.booleans(),
    "involved": st.sampled_from(([], [{"agency": "northmere-health", "role": "education"}])),
}
_name = st.sampled_from(("Robin Example", "Rowan Example", "Sasha Invented"))
_report = st.builds(
    lambda name, rest: {"child": {"name": name}} | rest, _name, st.fixed_dictionaries({}, optional=_FIELDS)
)
_changed = st.sampled_from(("child", *(name for name in _FIELDS if name not in ("protected_whereabouts", "involved"))))


@st.composite
def two_reports(draw):
    """Draw two reports that differ in one member."""
    first, other, name = draw(_report), draw(_report), draw(_changed)
    second = {member: value for member, value in first.items() if member != name}
    return first, second | ({name: other[name]} if name in other else {})


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(two_reports())
def test_equal_to_the_recipient_is_equal_in_every_byte(build, reports):
    """Two reports that were released alike cannot be told apart by message, detail, search, matrix or numbers."""
    one, other = (night(build, data) for data in reports)
    for reader in READERS:
        if one[reader][0] == other[reader][0]:
            event("alike to a reader" if reports[0] != reports[1] else "the same report")
            assert one[reader][1] == other[reader][1], reader


def test_what_is_withheld_lies_in_no_byte_that_the_recipient_can_read(build):
    """A canary in every field that the host authority may not have: it is in nothing that it can fetch."""
    data = {
        "child": {"name": "Robin Example", "health_needs": {"text": CANARY}},
        "circumstances": {"text": CANARY, "contains": ["third_party"]},
        "last_seen": {"place": {"words": CANARY}, "seen_with": {"text": CANARY, "contains": ["third_party"]}},
        "risk": {"level": "high", "rationale": {"text": CANARY}, "supplied_by": {"name": CANARY}},
        "reporter": {"name": CANARY, "post": CANARY},
    }
    held = night(build, data)
    assert CANARY.encode() in held["northmere-police"][1]
    assert CANARY.encode() not in held["westmoor-council"][1]
    assert held["westmoor-council"][0][0]["risk"] == {"level": "high"}
