"""Who may be told what: stories of a night in Northmere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.sharing.document import parse_protocol
from broker.sharing.rulebook import ActiveProtocol, Rulebook
from contracts.agency import Agency
from contracts.catalogue import CATALOGUE, HISTORY
from contracts.categories import Category
from contracts.disclosure import NotToldReason, Outcome
from contracts.facts import Facts
from contracts.protocol import fingerprint
from contracts.vocabulary import (
    AgencyKind,
    EpisodeStatus,
    HandoverStage,
    Jurisdiction,
    RiskLevel,
    Role,
    Standing,
)
from tests.unit.sharing.partnership import (
    CHARITY,
    COUNCIL,
    EVERYONE,
    HOME,
    KEY,
    NIGHT,
    OPENED,
    POLICE,
    SAMPLE,
    SOUTHFOLD,
    active,
    ask,
    book,
    clause,
    document,
    reasons,
    tell,
)

REPORT: dict[str, Any] = {
    "child": {"name": "Ada Test", "nhs_number": "9434765919", "description": "tall"},
    "last_seen": {
        "at": "2026-11-22T19:00:00Z",
        "place": {"words": "by the harbour", "postcode": "NM1 4ST"},
        "seen_with": {"text": "an older boy known for theft", "contains": ["third_party", "criminal_justice"]},
    },
    "circumstances": {"text": "left after tea", "contains": ["location"]},
    "risk": {"level": "high", "rationale": {"text": "an uncle was convicted"}},
    "involved": [{"agency": "harbour-house", "role": "care_provider"}, {"agency": "bright-path", "role": "charity"}],
}

PERMIT_ALL = {"permit": [{"fields": [f"{name}.**" for name in ("child", "last_seen", "risk")]}]}


def sample() -> Rulebook:
    parsed = parse_protocol(SAMPLE)
    return Rulebook((ActiveProtocol(parsed.protocol, fingerprint(parsed.document), EVERYONE),))


def test_a_care_home_is_never_told_of_an_associates_offence() -> None:
    """The account of the older boy is forbidden, the unmarked one too; nothing of either is in what the home gets."""
    decision, redaction = tell(sample(), REPORT)
    assert decision.reason is None
    assert redaction.data == {
        "last_seen": {"at": "2026-11-22T19:00:00Z", "place": {"outward_postcode": "NM1"}},
        "circumstances": {"text": "left after tea", "contains": ["location"]},
        "risk": {"level": "high"},
        "involved": REPORT["involved"],
    }
    assert reasons(redaction)["last_seen.seen_with"] == "forbidden"
    assert reasons(redaction)["risk.rationale"] == "forbidden_absolutely"
    assert "theft" not in str(redaction.data)


def test_a_decision_names_its_grounds() -> None:
    """Protocol, hash, clause, purpose, legal bases and regimes stand in the decision."""
    decision = sample().decide(ask())
    assert decision.protocol == "northmere-missing-children@3"
    assert decision.protocol_hash == fingerprint(parse_protocol(SAMPLE).document)
    assert decision.clauses == ("northmere-missing-children@3#care-provider-during-search",)
    assert decision.purposes == ("find-and-protect",)
    assert decision.legal_bases.discloser == ("DPA 2018 s.35",)
    assert (decision.regimes.discloser, decision.regimes.recipient) == ("part3", "uk_gdpr")


@pytest.mark.parametrize(
    "parts",
    [
        {"roles": frozenset({Role.HEALTH})},
        {"roles": frozenset()},
        {"event_type": "concordat.rhi.completed.v1"},
        {"facts": Facts(now=NIGHT, episode=EpisodeStatus.CLOSED)},
        {"facts": Facts(now=NIGHT)},
        {"recipient": CHARITY},
        {"controller": CHARITY},
    ],
)
def test_without_a_clause_nobody_is_told(parts: dict[str, Any]) -> None:
    """Another role, event, state or party: no clause, and nothing is released."""
    decision = sample().decide(ask(**parts))
    assert decision.reason is NotToldReason.NO_CLAUSE
    assert decision.redact(REPORT, KEY).data == {}


def test_a_clause_that_only_forbids_tells_nobody() -> None:
    """A clause without a permit releases nothing: the agency is not told for want of a clause."""
    decision = book(clause(forbid=[{"categories": ["health"]}])).decide(ask())
    assert decision.reason is NotToldReason.NO_CLAUSE
    assert decision.clauses == ("night@1#clause-1",)


def test_the_loosest_permit_then_the_tightest_limit_then_any_forbid() -> None:
    """The order of the three, and who is named for it."""
    looser = clause(1, permit=[{"fields": ["child.name"], "transform": "mask"}])
    loosest = clause(2, permit=[{"fields": ["child.name"]}])
    limit = clause(3, limit=[{"fields": ["child.name"], "transform": "initials"}])
    tighter = clause(4, limit=[{"fields": ["child.name"], "transform": "pseudonym"}])
    forbid = clause(5, forbid=[{"fields": ["child.name"]}])

    def outcome(*clauses: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
        _, redaction = tell(book(*clauses), {"child": {"name": "Ada Test"}})
        (one,) = redaction.outcomes
        return one.outcome.value, one.transform, one.clause

    assert outcome(looser) == ("transformed", "mask", "night@1#clause-1")
    assert outcome(looser, loosest) == ("released", None, "night@1#clause-2")
    assert outcome(looser, loosest, limit) == ("transformed", "initials", "night@1#clause-3")
    assert outcome(looser, loosest, limit, tighter) == ("transformed", "pseudonym", "night@1#clause-4")
    assert outcome(looser, limit) == ("transformed", "mask", "night@1#clause-1")
    assert outcome(looser, loosest, limit, tighter, forbid) == ("withheld", None, "night@1#clause-5")


def test_a_transform_that_does_not_fit_fails_closed() -> None:
    """Initials of a number release nothing as a permit, and withhold it as a limit."""
    number = {"child": {"nhs_number": "9434765919"}}
    permit = clause(1, permit=[{"fields": ["child.nhs_number"], "transform": "initials"}])
    _, permitted = tell(book(permit), number)
    released = clause(1, permit=[{"fields": ["child.nhs_number"]}])
    _, limited = tell(book(released, clause(2, limit=[{"fields": ["child.**"], "transform": "initials"}])), number)
    assert [permitted.data, limited.data] == [{}, {}]
    assert reasons(permitted) == reasons(limited) == {"child.nhs_number": "transform_not_applicable"}


@pytest.mark.parametrize("marks", [[], ["health"], None])
def test_an_account_is_always_narrative_too(marks: list[str] | None) -> None:
    """A permit of every category but narrative releases no account, however it is marked."""
    others = [str(category) for category in Category if category is not Category.NARRATIVE]
    needs = {"text": "an inhaler"} if marks is None else {"text": "an inhaler", "contains": marks}
    _, redaction = tell(book(clause(permit=[{"categories": others}])), {"child": {"health_needs": needs}})
    assert redaction.data == {}


def test_rules_of_a_clause_that_does_not_apply_do_not_count() -> None:
    """A forbid for the night's high risk does not bind on a night of low risk."""
    rulebook = book(
        clause(1, permit=[{"fields": ["child.name"]}]),
        clause(2, forbid=[{"fields": ["child.name"]}], when={"risk_at_least": "high"}),
    )
    data = {"child": {"name": "Ada Test"}}
    assert tell(rulebook, data, facts=Facts(now=NIGHT, risk=RiskLevel.MEDIUM))[1].data == data
    assert tell(rulebook, data, facts=Facts(now=NIGHT, risk=RiskLevel.HIGH))[1].data == {}


NAME = [{"fields": ["child.name"]}]


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ({"episode": ["open"]}, {"episode": EpisodeStatus.OPEN}, True),
        ({"episode": ["open"]}, {"episode": EpisodeStatus.LOCATED}, False),
        ({"risk_at_least": "medium"}, {"risk": RiskLevel.HIGH}, True),
        ({"risk_at_least": "medium"}, {"risk": RiskLevel.LOW}, False),
        ({"risk_at_least": "very_low"}, {}, False),
        ({"intervention_level": [2, 3]}, {"intervention_level": 3}, True),
        ({"intervention_level": [2, 3]}, {"intervention_level": 1}, False),
        ({"jurisdiction": ["wales"]}, {"jurisdiction": Jurisdiction.WALES}, True),
        ({"jurisdiction": ["wales"]}, {}, False),
        ({"hours_since_last_seen": {"at_least": 72}}, {"last_seen_at": NIGHT - timedelta(hours=72)}, True),
        ({"hours_since_last_seen": {"at_least": 72}}, {"last_seen_at": NIGHT - timedelta(hours=71, minutes=59)}, False),
        ({"hours_since_last_seen": {"less_than": 24}}, {"last_seen_at": NIGHT - timedelta(hours=24)}, False),
        ({"hours_since_last_seen": {"less_than": 24}}, {"last_seen_at": NIGHT - timedelta(hours=23)}, True),
        ({"hours_since_last_seen": {"less_than": 24}}, {}, False),
        ({"handover": ["offered"]}, {"handover": HandoverStage.OFFERED}, True),
        ({"handover": ["offered"]}, {}, False),
        ({"recipient_is": ["caring", "owning"]}, {"recipient_is": frozenset({Standing.CARING})}, True),
        ({"recipient_is": ["owning"]}, {"recipient_is": frozenset({Standing.CARING})}, False),
        ({"episode": ["open"], "risk_at_least": "low"}, {"episode": EpisodeStatus.OPEN}, False),
        ({"episode": ["open"], "risk_at_least": "low"}, {"episode": EpisodeStatus.OPEN, "risk": RiskLevel.LOW}, True),
    ],
)
def test_a_condition_reads_the_facts(when: dict[str, Any], facts: dict[str, Any], holds: bool) -> None:
    """All parts of a condition must hold, and what is not known does not hold."""
    decision = book(clause(permit=NAME, when=when)).decide(ask(facts=Facts(now=NIGHT, **facts)))
    assert (decision.reason is None) is holds


@pytest.mark.parametrize("to", [{"role": "care_provider"}, {"agency": "harbour-house"}, {"class": "childrens_homes"}])
def test_a_clause_may_speak_of_a_role_an_agency_or_a_class(to: dict[str, str]) -> None:
    """The home is meant by its role tonight, by its name and by its class; the council by none of them."""
    rulebook = book(clause(permit=NAME, to=to))
    assert rulebook.decide(ask()).reason is None
    other = ask(recipient=COUNCIL, roles=frozenset({Role.RESPONSIBLE_AUTHORITY}))
    assert rulebook.decide(other).reason is NotToldReason.NO_CLAUSE


def test_one_absent_signature_darkens_only_its_own_pairs() -> None:
    """While the home has not signed, it neither hears nor is heard; police and council share as before."""
    content = document(
        clause(1, permit=NAME),
        clause(2, permit=NAME, to={"agency": "eastvale-council"}),
        clause(3, permit=NAME, to={"agency": "northmere-police"}),
    )

    def told(signed_by: frozenset[str]) -> dict[tuple[str, str], bool]:
        rulebook = Rulebook((active(content, signed_by),))
        agencies = (POLICE, COUNCIL, HOME)
        return {
            (one.id, other.id): rulebook.decide(ask(controller=one, recipient=other)).reason is None
            for one in agencies
            for other in agencies
            if one is not other
        }

    with_home, without = told(EVERYONE), told(EVERYONE - {HOME.id})
    assert all(with_home.values())
    assert without == {pair: HOME.id not in pair for pair in with_home}


def test_another_home_of_the_class_must_sign_for_itself() -> None:
    """Accession goes agency by agency: a class lets its members sign, it does not sign for them."""
    other = Agency("seaview-house", "Seaview House", AgencyKind.CHILDRENS_HOME, classes=HOME.classes)
    rulebook = book(clause(permit=NAME))
    assert rulebook.decide(ask()).reason is None
    assert rulebook.decide(ask(recipient=other)).reason is NotToldReason.NO_CLAUSE


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        # 28 March 2027 is the last day; British Summer Time begins that night, so it ends at 23:00 UTC.
        (datetime(2027, 3, 28, 22, 59, 59, tzinfo=UTC), None),
        (datetime(2027, 3, 28, 23, 0, tzinfo=UTC), NotToldReason.PROTOCOL_EXPIRED),
        # 25 October 2026 is the first day; it begins in summer time, at 23:00 UTC of the day before.
        (datetime(2026, 10, 24, 22, 59, 59, tzinfo=UTC), NotToldReason.PROTOCOL_EXPIRED),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), None),
    ],
)
def test_a_protocol_runs_by_london_days(moment: datetime, reason: NotToldReason | None) -> None:
    """First and last day count whole in London, also where the clocks change that night."""
    rulebook = book(clause(permit=NAME), in_force={"from": "2026-10-25", "until": "2027-03-28"})
    decision = rulebook.decide(ask(facts=Facts(now=moment)))
    assert decision.reason is reason
    assert decision.protocol == "night@1"
    assert bool(tell(rulebook, {"child": {"name": "A"}}, facts=Facts(now=moment))[1].data) is (reason is None)


def test_expired_is_said_only_where_the_protocol_would_have_told() -> None:
    """Of a lapsed protocol that never spoke of charities, a charity's answer is that there is no clause."""
    rulebook = book(clause(permit=NAME), in_force={"from": "2025-01-01", "until": "2025-12-31"})
    assert rulebook.decide(ask()).reason is NotToldReason.PROTOCOL_EXPIRED
    charity = ask(recipient=CHARITY, roles=frozenset({Role.CHARITY}))
    assert rulebook.decide(charity).reason is NotToldReason.NO_CLAUSE


def test_a_later_version_in_force_supersedes() -> None:
    """Version 2 no longer tells the home, so from its first day version 1 does not either; before it, it did."""
    first = active(document(clause(permit=NAME)))
    second = active(
        document(
            clause(permit=NAME, to={"role": "health"}),
            version=2,
            in_force={"from": "2026-11-22", "until": "2027-12-31"},
        )
    )
    rulebook = Rulebook((second, first))
    assert rulebook.decide(ask(facts=Facts(now=NIGHT - timedelta(days=1)))).protocol == "night@1"
    assert rulebook.decide(ask()).reason is NotToldReason.NO_CLAUSE


def test_a_version_stands_in_a_rulebook_once() -> None:
    """Two documents of one name and version are refused."""
    with pytest.raises(ValueError, match="once"):
        Rulebook((active(document(clause(permit=NAME))), active(document(clause(permit=NAME), title="Other"))))


def test_an_agencys_own_record_goes_back_whole() -> None:
    """What follows from the home's own event is told to the home without a clause."""
    decision, redaction = tell(Rulebook(()), REPORT, controller=HOME)
    assert decision.protocol == "own-record@1"
    assert decision.reason is None
    assert redaction.data == REPORT
    assert redaction.counts()[Outcome.WITHHELD] == 0


def test_the_publisher_keeps_an_agency_out() -> None:
    """Named in the audience, the home is not told, and nothing of the event is released to it."""
    decision, redaction = tell(sample(), REPORT, audience="-agency:harbour-house")
    assert decision.reason is NotToldReason.NARROWED_BY_PUBLISHER
    assert redaction.data == {}
    assert set(reasons(redaction).values()) == {"narrowed_by_publisher"}


def test_the_publisher_keeps_a_field_back() -> None:
    """A field named in the audience is withheld whatever the clauses permit, and the auditor sees why."""
    _, redaction = tell(sample(), REPORT, audience="-field:risk -field:last_seen.place.postcode")
    assert "risk" not in redaction.data
    assert redaction.data["last_seen"] == {"at": "2026-11-22T19:00:00Z"}
    assert reasons(redaction)["risk.level"] == reasons(redaction)["last_seen.place"] == "narrowed_by_publisher"
    assert reasons(redaction)["involved[].agency"] is None


def test_a_flagged_childs_place_stays_hidden_in_operational_fields_too() -> None:
    """Who is involved betrays where a flagged child lives, so a home that may not know whereabouts is not told it."""
    _, redaction = tell(sample(), REPORT, flagged=True)
    assert "place" not in redaction.data["last_seen"]
    assert "involved" not in redaction.data
    assert redaction.data["risk"] == {"level": "high"}


def test_what_the_contract_does_not_have_is_withheld() -> None:
    """A member, an item or a whole contract that the rulebook does not know goes nowhere, and is not named."""
    rulebook = book(clause(permit=[{"fields": ["child.**", "involved[].**"]}]))
    decision = rulebook.decide(ask())
    redaction = decision.redact({"child": {"name": "A", "secret-x": 1}, "secret-y": 2, "involved": 3}, KEY)
    assert redaction.data == {"child": {"name": "A"}}
    assert [outcome.path for outcome in redaction.outcomes if outcome.reason == "unknown_field"] == [
        "child.?",
        "involved[]",
        "?",
    ]
    future = rulebook.decide(ask(event_type="concordat.episode.opened.v2")).redact({"child": {"name": "A"}}, KEY)
    assert future.data == {}
    assert reasons(future) == {"**": "unknown_contract"}


@pytest.mark.parametrize("controller", [POLICE, HOME])
def test_a_history_is_never_decided_as_one_event(controller: Agency) -> None:
    """Its inner events are decided under their own types; asked whole, nothing of it is released."""
    past = {"events": [{"type": OPENED, "time": "2026-11-22T19:00:00Z", "data": {"child": {"name": "A"}}}]}
    rulebook = book(clause(permit=[{"fields": ["events[].**"]}]))
    _, redaction = tell(rulebook, past, event_type=HISTORY, controller=controller)
    assert redaction.data == {}
    assert set(reasons(redaction).values()) == {"not_decided_by_field"}


def test_items_of_a_list_that_are_left_empty_vanish() -> None:
    """Of two people involved nothing shows but what is released: no empty item tells how many there are."""
    _, redaction = tell(book(clause(permit=NAME)), {"child": {"name": "A"}, "involved": REPORT["involved"]})
    assert redaction.data == {"child": {"name": "A"}}
    assert redaction.counts() == {Outcome.RELEASED: 1, Outcome.TRANSFORMED: 0, Outcome.WITHHELD: 4}


def test_permits_of_several_protocols_add_up() -> None:
    """Two protocols between the same agencies: the deciding clauses of both are named, the first by name leads."""
    night = active(document(clause(permit=NAME)))
    area = active(document(clause(permit=[{"fields": ["child.known_as"]}]), protocol="area"))
    decision, redaction = tell(Rulebook((night, area)), {"child": {"name": "A", "known_as": "B"}})
    assert redaction.data == {"child": {"name": "A", "known_as": "B"}}
    assert decision.protocol == "area@1"
    assert decision.clauses == ("area@1#clause-1", "night@1#clause-1")


def test_two_forces_get_pseudonyms_that_they_cannot_compare() -> None:
    """Each recipient knows the child again by its own pseudonym, and no other's."""
    rulebook = book(clause(permit=[{"fields": ["child.name"], "transform": "pseudonym"}]))
    data = {"child": {"name": "Ada Test"}}
    home = tell(rulebook, data)[1].data["child"]["name"]
    force = tell(rulebook, data, recipient=SOUTHFOLD)[1].data["child"]["name"]
    assert home == tell(rulebook, data)[1].data["child"]["name"]
    assert home != force


def test_an_equal_question_shares_its_plan() -> None:
    """The plan of the same clauses is compiled once, whoever asks and whatever the facts."""
    rulebook = book(clause(permit=NAME))
    one = rulebook.decide(ask())
    other = rulebook.decide(replace(ask(), facts=Facts(now=NIGHT, risk=RiskLevel.HIGH), recipient=SOUTHFOLD))
    assert one.plan is other.plan
    assert rulebook.decide(replace(ask(), flagged=True)).plan is not one.plan


def test_every_type_of_the_catalogue_can_be_decided() -> None:
    """No contract is beyond the rulebook."""
    rulebook = book(clause(permit=[{"categories": ["operational"]}]))
    assert all(rulebook.decide(ask(event_type=event_type)).reason is None for event_type in CATALOGUE)
