"""What a teller is handed is all that a decision rests on: with a flag or a role lost on the way, fields would leak."""

import pickle
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.casework.episode import Episode
from broker.casework.handover import Handover
from broker.casework.involvement import Involvement
from broker.casework.outcome import Advance
from broker.casework.placement import Placement
from broker.casework.recipient import facts_for
from broker.flows.accept import Accepted
from broker.flows.detail import Account
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.registry import Registry, RegistryRecord
from broker.flows.tell import Said, Telling
from broker.ports.chance import new_id
from broker.ports.clock import SystemClock
from broker.ports.records import EntryRecord, Scope
from broker.ports.vault import MemoryVault
from broker.tellers import wire
from broker.tellers.wire import Accounts, can_be_sent, pack, unpack
from contracts.agency import Agency
from contracts.disclosure import Detail, NotToldReason
from contracts.envelope import Audience
from contracts.ledger_entry import Operation
from contracts.vocabulary import AgencyKind, EpisodeStatus, HandoverStage, Jurisdiction, RiskLevel, Role

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
FORCE = Agency("northmere-police", "Northmere", AgencyKind.POLICE_FORCE)
OTHERS = tuple(Agency(f"{kind.value.replace('_', '-')}-example", "Example", kind) for kind in AgencyKind)
REGISTRY = RegistryRecord(1, (FORCE, *OTHERS), {}, ())
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
HANDOVERS = st.builds(
    Handover, NAMES, NAMES, st.sampled_from(HandoverStage), MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS
)
INVOLVEMENTS = st.lists(
    st.builds(
        Involvement,
        st.sampled_from([one.id for one in OTHERS]) | NAMES,
        st.sampled_from(Role),
        st.booleans(),
        MOMENTS,
        st.none(),
    ),
    max_size=6,
).map(tuple)
EPISODES = st.builds(
    Episode,
    id=NAMES,
    opened_by=NAMES,
    opened_at=MOMENTS,
    jurisdiction=st.sampled_from(Jurisdiction),
    status=st.sampled_from(EpisodeStatus),
    risk=st.none() | st.sampled_from(RiskLevel),
    intervention_level=st.none() | st.integers(1, 5),
    last_seen_at=st.none() | MOMENTS,
    flagged=st.booleans(),
    handover=st.none() | HANDOVERS,
    involvements=INVOLVEMENTS,
    barred=st.frozensets(st.sampled_from([one.id for one in OTHERS]), max_size=2),
)
PLACEMENTS = st.builds(
    Placement, handle=NAMES, responsible=NAMES, involved=st.just(()), flagged=st.booleans(), since=MOMENTS
)
AUDIENCES = st.builds(
    Audience, agencies=st.frozensets(NAMES, max_size=2), fields=st.lists(NAMES, max_size=2).map(tuple)
)
OCCURRENCES = st.builds(
    Occurrence,
    id=NAMES,
    source=NAMES,
    type=NAMES,
    subject=NAMES,
    pseudonym=NAMES,
    time=NAMES,
    data=st.dictionaries(NAMES, NAMES | st.integers() | st.lists(NAMES)),
    controller=st.just(FORCE),
    accepted_at=MOMENTS,
    scope=st.builds(Scope, NAMES, NAMES),
    audience=AUDIENCES,
    document=st.just({"kept": "here"}),
    is_derived=st.just(False),
    moment=MOMENTS,
    trace=st.none() | NAMES,
    fractions=st.none() | st.booleans(),
    received_type=st.none() | NAMES,
)


def parts() -> Parts:
    registry = Registry()
    registry.take(REGISTRY)
    return Parts("hub.northmere.example", SystemClock(), MemoryVault(), registry, new_id)


def accepted(event: Occurrence, episode: Episode | None, placement: Placement | None, registry: Registry) -> Accepted:
    case = Case(event.subject, event.pseudonym, episode, placement)
    return Accepted(event, case, Advance(), b"", b"", new_id(), registry.recipients(case.file))


@given(OCCURRENCES, EPISODES, st.none() | PLACEMENTS)
def test_a_decision_rests_on_the_same_over_there(
    event: Occurrence, episode: Episode, placement: Placement | None
) -> None:
    """Every attribute of the event, every recipient with its roles, every fact, and whether the place is protected."""
    here = parts()
    sent = accepted(event, episode, placement, here.registry)
    there, case, involved, entry = unpack(pickle.loads(pickle.dumps(pack(sent))), parts())  # noqa: S301 (made here)
    assert replace(there, document=event.document, trace=event.trace) == event
    assert (involved, entry) == (sent.involved, sent.entry)
    assert case.flagged == sent.case.flagged
    assert (case.subject, case.pseudonym) == (sent.case.subject, sent.case.pseudonym)
    for one in involved:
        assert facts_for(case.episode, one, event.accepted_at) == facts_for(episode, one, event.accepted_at)


@given(OCCURRENCES, PLACEMENTS)
def test_what_is_about_no_episode_stays_here(event: Occurrence, placement: Placement) -> None:
    """A placement record is read where there is no episode: it does not travel."""
    assert not can_be_sent(accepted(event, None, placement, parts().registry))


def telling(number: int, recipient) -> Telling:
    """A withholding whose account is its own."""
    detail = Detail(disclosure_id="", event_type=f"type {number}", outcome=Operation.WITHHELD, reason="no_clause")
    entry = EntryRecord(f"id {number}", Operation.WITHHELD, b"leaf", b"hash", Scope("episode/x", "y"), b"opening")
    account = Account.of(detail, None)
    return Telling(
        entry.id, "type", recipient, NotToldReason.NO_CLAUSE, None, account, entry, frozenset({"a"}), (b"1", b"2")
    )


@pytest.mark.parametrize("most", [1, 3, 100])
def test_an_account_is_the_one_that_was_meant(monkeypatch, most) -> None:
    """Accounts are sent once and then by number, and both ends begin anew together: none is taken for another."""
    monkeypatch.setattr(wire, "MOST_ACCOUNTS", most)
    there, here = Accounts(), Accounts()
    here_parts = parts()
    episode = Episode(
        "x", "y", NOW, Jurisdiction.ENGLAND, involvements=(Involvement("home", Role.EDUCATION, True, NOW),)
    )
    event = Occurrence(
        **{field.name: "" for field in fields(Occurrence)} | {"controller": FORCE, "scope": Scope("episode/x", "y")}  # type: ignore[arg-type]
    )
    sent = accepted(event, episode, None, here_parts.registry)
    (recipient,) = sent.involved
    for number in [0, 1, 0, 2, 3, 4, 0, 5, 1, 1, 6, 0]:
        meant = telling(number, recipient)
        accepted_as = EntryRecord(sent.entry, Operation.ACCEPTED, b"its leaf", b"its hash", event.scope, b"its opening")
        packed = pickle.dumps(there.pack(Said(accepted_as, [meant])))
        acceptance, (got,) = here.unpack(pickle.loads(packed), sent)  # noqa: S301 (made here)
        assert acceptance == accepted_as
        assert got.account.full.content == meant.account.full.content
        assert got._replace(account=None) == meant._replace(account=None)
