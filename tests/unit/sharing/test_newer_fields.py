"""A field that came after a protocol was signed is not reached by its permits, however wide they are."""

from collections.abc import Iterator
from typing import Any

import pytest

from broker.sharing.check import ProtocolWarning, check
from broker.sharing.clause import BoundClause
from broker.sharing.document import parse_protocol
from broker.sharing.plan import compile_plan
from broker.sharing.ruling import Reason, rule_on
from broker.sharing.tree import ProtocolFault
from contracts import releases
from contracts.catalogue import leaves_of
from contracts.protocol import Protocol
from contracts.releases import UNRELEASED, Index, Released
from tests.unit.sharing.partnership import SAMPLE

RISK = "concordat.risk.changed.v1"
FIELD = "risk.scheme"


@pytest.fixture
def came_later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`risk.scheme` came with the second release of the contracts."""
    known = releases.index()
    risk = known.types[RISK]
    index = Index(2, known.types | {RISK: Released("1.1", risk.since | {FIELD: 2})})
    monkeypatch.setattr(releases, "index", lambda: index)
    leaves_of.cache_clear()
    yield
    monkeypatch.undo()
    leaves_of.cache_clear()


def clauses(*rules: dict[str, Any], contracts: int | None = None, **more: Any) -> tuple[BoundClause, ...]:
    document = parse_protocol(SAMPLE).document
    clause = {name: document["clauses"][0][name] for name in ("id", "purpose", "regime", "to")}
    clause |= {"events": ["concordat.risk.*"], "permit": list(rules)} | more
    document |= {"clauses": [clause]} | ({} if contracts is None else {"contracts": contracts})
    return tuple(BoundClause(protocol, one, "") for protocol in [Protocol.read(document)] for one in protocol.clauses)


def ruling(bound: tuple[BoundClause, ...], path: str = FIELD) -> Any:
    leaf = next(leaf for leaf in leaves_of(RISK) if leaf.path == path)
    return rule_on(leaf, leaf.categories, bound)


@pytest.mark.parametrize(
    "permit", [{"fields": ["risk.**"]}, {"fields": ["risk.*"]}, {"fields": [FIELD]}, {"categories": ["operational"]}]
)
def test_no_permit_reaches_a_field_that_its_parties_had_not_read_of(came_later: None, permit: dict[str, Any]) -> None:
    """They signed for `risk.**` when it was six fields: the seventh waits until they have read of it."""
    assert ruling(clauses(permit)).outcome.reason == Reason.NEWER_THAN_PROTOCOL
    assert not ruling(clauses(permit, contracts=2)).withholds
    assert permit == {"fields": [FIELD]} or not ruling(clauses(permit), "risk.level").withholds


def test_a_forbid_reaches_every_field_whenever_it_came(came_later: None) -> None:
    """What is forbidden below `risk` is forbidden of what comes later too: permits look back, forbids look ahead."""
    both = clauses({"fields": ["risk.**"]}, contracts=2) + clauses(forbid=[{"fields": ["risk.**"]}])
    assert ruling(both).outcome.reason == Reason.FORBIDDEN


def test_a_limit_reaches_every_field_whenever_it_came(came_later: None) -> None:
    """A cap that was signed earlier caps a newer field that another protocol permits."""
    both = clauses({"fields": ["risk.**"]}, contracts=2) + clauses(limit=[{"fields": ["risk.*"], "transform": "mask"}])
    assert ruling(both).outcome.transform == "mask"


def test_another_protocol_that_has_read_of_it_releases_it(came_later: None) -> None:
    """Two agencies with two protocols: one of them is enough, if it was signed with the field in sight."""
    both = clauses({"categories": ["operational"]}) + clauses({"fields": [FIELD]}, contracts=2)
    assert not ruling(both).withholds


def test_what_has_not_been_released_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's field of this morning is shared with nobody, whatever the protocols say."""
    leaves_of.cache_clear()
    monkeypatch.setattr(releases, "index", lambda: Index(7, {}))
    assert {leaf.since for leaf in leaves_of(RISK)} == {UNRELEASED}
    plan = compile_plan(RISK, clauses({"fields": ["risk.**"]}, contracts=7), flagged=False)
    monkeypatch.undo()
    leaves_of.cache_clear()
    rulings: list[Any] = []
    assert plan.redact({"risk": {"level": "high"}}, rulings, None) is None  # type: ignore[arg-type]
    assert [one.outcome.reason for one in rulings] == [Reason.NEWER_THAN_PROTOCOL]


def test_a_silent_clause_stays_silent_about_it(came_later: None) -> None:
    """The recipient of a silent clause reads that nothing permits the field, and not which clause would have."""
    shown = ruling(clauses({"fields": ["risk.**"]}, silent=True)).shown
    assert (shown.reason, shown.clause) == (Reason.NO_PERMIT, None)


def test_who_checks_a_protocol_is_told_what_it_does_not_reach(came_later: None) -> None:
    """Before the parties sign, the check names the fields that came later and says what to write."""
    found = [one for one in check(parse_protocol(SAMPLE)) if FIELD in one.message]
    assert found
    assert all(isinstance(one, ProtocolWarning) and "contracts: 2" in one.message for one in found)
    read = SAMPLE.replace("parties:\n", "contracts: 2\nparties:\n", 1)
    assert [one for one in check(parse_protocol(read)) if FIELD in one.message] == []


def test_a_protocol_cannot_be_ahead_of_the_contracts(came_later: None) -> None:
    """Nobody signs today for fields that others will think of tomorrow."""
    ahead = SAMPLE.replace("parties:\n", "contracts: 3\nparties:\n", 1)
    (fault,) = [one for one in check(parse_protocol(ahead)) if isinstance(one, ProtocolFault)]
    assert "no such release" in fault.message
