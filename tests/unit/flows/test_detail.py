"""What is recorded of a decision is written from a form: the very bytes that the whole detail would have."""

import gc
import hashlib
from collections import Counter, deque
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.flows import detail
from broker.flows.detail import account_of
from broker.ledger.canonical import composed_bytes
from broker.sharing.decide import Decision
from broker.sharing.explain import auditor_view, recipient_view
from broker.sharing.redact import Redaction
from contracts.canonical import canonical
from contracts.disclosure import Outcome
from tests.unit.sharing.partnership import KEY, ask, book, clause, tell
from tests.unit.sharing.strategies import TYPES, clauses, contested, events

CANARY = "Robin Inventedchild-canary"
IDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)


@st.composite
def decided(draw: st.DrawFn) -> tuple[Decision, Redaction]:
    """Any decision of any contract, on any event."""
    event_type = draw(st.sampled_from(TYPES))
    rules = draw(clauses(event_type) | contested())
    decision = book(*rules).decide(ask(event_type=event_type, flagged=draw(st.booleans())))
    return decision, decision.redact(draw(events(event_type)), KEY)


@given(decided(), IDS, IDS, IDS, IDS, st.none() | st.just("concordat.episode.opened.v0"))
@settings(max_examples=200, deadline=None)
def test_a_filled_form_is_the_detail(
    made: tuple[Decision, Redaction], disclosure: str, episode: str, event: str, publisher: str, given_as: str | None
) -> None:
    """Of both views: whoever computes the commitment from the whole detail gets the bytes that the hub committed to."""
    decision, redaction = made
    account = account_of(decision, redaction, given_as)
    named = {"disclosure": disclosure, "episode": episode}
    full = auditor_view(decision, redaction, **named, event_id=event, publisher=publisher, given_as=given_as)
    ids = {"disclosure_id": disclosure, "episode": episode}
    views = [(account.full, full, {**ids, "event_id": event, "publisher": publisher})]
    if account.shown is not None:
        views.append((account.shown, recipient_view(decision, redaction, **named, given_as=given_as), ids))
    assert (account.shown is not None) is (decision.reason is None and bool(redaction.data))
    for form, view, own in views:
        whole = view.model_dump(mode="json", exclude_none=True)
        assert form.filled(composed_bytes(own)) == canonical(whole)
        assert {**orjson.loads(form.content), **own} == whole, "and so it is read back"
        assert form.id == hashlib.sha256(form.content).digest()[:16]


@given(decided())
@settings(max_examples=100, deadline=None)
def test_an_account_says_what_became_of_each_field(made: tuple[Decision, Redaction]) -> None:
    """Paths given and withheld, each once, and the number of values by outcome: as the redaction counts them."""
    decision, redaction = made
    account = account_of(decision, redaction)
    withheld = [one.path for one in redaction.outcomes if one.outcome is Outcome.WITHHELD]
    given_out = [one.path for one in redaction.outcomes if one.outcome is not Outcome.WITHHELD]
    assert account.released == tuple(dict.fromkeys(given_out))
    assert account.withheld == tuple(dict.fromkeys(withheld))
    assert {**Counter(), **account.counts} == {one: n for one, n in redaction.counts().items() if n}


def test_events_that_fall_out_alike_share_one_account() -> None:
    """Two children under one clause: neither name nor id is part of the form, so there is one form for both."""
    rules = book(clause(permit=[{"fields": ["child.name"]}]))
    accounts = [account_of(*tell(rules, {"child": {"name": name}})) for name in ("Ada Test", "Bo Invented")]
    assert accounts[0] is accounts[1]
    other = account_of(*tell(rules, {"child": {"name": "Ada Test", "known_as": "Addie"}}))
    assert other.full.id != accounts[0].full.id


def _held(root: object) -> Iterator[object]:
    """Everything that an object leads to, but for code: what a module or a class holds, it holds for all."""
    seen, waiting = {id(root)}, deque(gc.get_referents(root))
    while waiting:
        one = waiting.popleft()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | BuiltinFunctionType):
            continue
        seen.add(id(one))
        yield one
        waiting.extend(gc.get_referents(one))


def _says(one: object, text: str) -> bool:
    return (isinstance(one, str) and text in one) or (isinstance(one, bytes) and text.encode() in one)


def test_nothing_of_an_event_stays_in_memory() -> None:
    """Accounts are remembered from event to event; of the events themselves no value, whatever became of it."""
    rules = book(
        clause(
            permit=[{"fields": ["child.name", "last_seen.**"]}, {"fields": ["circumstances"], "transform": "mask"}],
            forbid=[{"fields": ["child.known_as"]}],
        )
    )
    data: dict[str, Any] = {
        "child": {"name": CANARY, "known_as": CANARY},
        "last_seen": {"clothing": CANARY},
        "circumstances": {"text": CANARY},
    }
    detail._account.cache_clear()
    decision, redaction = tell(rules, data)
    account = account_of(decision, redaction)
    ids = {"disclosure_id": CANARY, "episode": CANARY, "event_id": CANARY, "publisher": CANARY}
    full = account.full.filled(composed_bytes(ids))
    assert CANARY.encode() in full
    assert any(_says(one, CANARY) for one in _held(redaction)), "the search would find it"
    held = list(_held(detail._account))
    assert any(one is account for one in held), "the search reaches what is remembered"
    assert any(_says(one, "child.known_as") for one in held)
    assert not [one for one in held if _says(one, CANARY)]
