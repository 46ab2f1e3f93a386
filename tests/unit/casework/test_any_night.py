"""Whatever agencies publish, in whatever order: what must never come of it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from broker.casework import Episode, Refused, reach, recipients
from broker.casework.access import under_bars
from broker.casework.link import linked
from contracts.vocabulary import ClosingReason, EpisodeStatus, ReopeningReason, RiskLevel, Role

AGENCIES = (
    "northmere-police",
    "southfold-police",
    "eastvale-council",
    "westmoor-council",
    "harbour-house",
    "northmere-health",
    "bright-path",
    "tall-trees",
)
# Half of all events come from whoever holds the power at that moment, or nothing would ever get far.
OWNER, ASKED = "whoever owns", "whoever is asked"
agency = st.sampled_from((OWNER, "eastvale-council")) | st.sampled_from(AGENCIES)
named = st.sampled_from((*AGENCIES, "far-police"))
role = (st.sampled_from((Role.CHARITY, Role.HEALTH, Role.CARE_PROVIDER)) | st.sampled_from(Role)).map(str)
pairs = st.lists(st.fixed_dictionaries({"agency": named, "role": role}), min_size=1, max_size=3)
moment = st.integers(-10, 100).map(
    lambda hours: (datetime(2026, 11, 22, 21, tzinfo=UTC) + timedelta(hours=hours)).isoformat()
)


class AnyNight(RuleBasedStateMachine):
    """Agencies at random, entitled or not, publish about one episode of a placed child."""

    begin: Callable[[], Any]
    accepted: set[str]

    @initialize(
        by=st.just("harbour-house") | st.sampled_from(AGENCIES),
        involved=pairs,
        area=st.sampled_from(("E06000901", "E06000902", None)),
    )
    def open(self, by: str, involved: list[dict[str, str]], area: str | None) -> None:
        self.night = type(self).begin()
        self.handle = self.night.place(("harbour-house", "care_provider"), ("northmere-health", "health"), area=area)
        self.episode = self.night.open(by=by, handle=self.handle, involved=involved)

    def now(self) -> Episode:
        episode: Episode = self.night.episodes[self.episode]
        return episode

    def publish(self, by: str, type_: str, data: dict[str, Any]) -> None:
        stored, night = self.now(), self.night
        if by == OWNER:
            by = stored.owner or "northmere-police"
        if by == ASKED:
            by = stored.handover.to if stored.handover is not None else "southfold-police"
        # What the standing record says takes hold at the next event, whoever publishes it, and is nobody's own word.
        before = linked(stored, night.placements[self.handle], night, night.now)
        try:
            step = night.say(by, type_, data, f"episode/{self.episode}")
        except Refused:
            assert self.now() == stored
            return
        type(self).accepted.add(type_)
        if type_.startswith("access."):
            self.heard_right(step, stored)
            return
        if type_ == "handover.accepted":
            assert before.handover is not None
            assert step.joined == (by,) == (before.handover.to,)
            return
        assert self.roles(by, self.now()) <= self.roles(by, before)
        self.heard_right(step, stored)

    def heard_right(self, step: Any, stored: Episode) -> None:
        """Who may hear and could not before is owed the history, and nobody else is."""
        for one in AGENCIES:
            assert (one in step.joined) == (self.hears(one, self.now()) and not self.hears(one, stored))

    @classmethod
    def hears(cls, one: str, episode: Episode) -> bool:
        return one not in episode.barred and bool(cls.roles(one, episode) - {Role.RECEIVING_FORCE})

    @staticmethod
    def roles(of: str, episode: Episode) -> set[Role]:
        return {one.role for one in episode.involvements if one.agency == of and one.confirmed and one.until is None}

    @rule(by=agency, involved=pairs)
    def claim(self, by: str, involved: list[dict[str, str]]) -> None:
        self.publish(by, "involvement.added", {"involved": involved})

    @rule(by=agency, involved=pairs)
    def confirm(self, by: str, involved: list[dict[str, str]]) -> None:
        self.publish(by, "involvement.confirmed", {"involved": involved})

    @rule(by=agency, involved=pairs)
    def end(self, by: str, involved: list[dict[str, str]]) -> None:
        self.publish(by, "involvement.ended", {"involved": involved})

    @rule(by=agency, whom=named, subject=st.sampled_from(("episode", "child")), bar=st.booleans())
    def bar(self, by: str, whom: str, subject: str, bar: bool) -> None:
        person = {"name": "A. Invented", "post": "head of safeguarding"}
        at = self.night.now.isoformat()
        data = {"agency": whom, "lifted_at": at, "lifted_by": person}
        if bar:
            data = {"agency": whom, "restricted_at": at, "ground": "allegation", "restricted_by": person}
        type_ = "access.restricted" if bar else "access.lifted"
        if subject == "episode":
            self.publish(by, type_, data)
            return
        with suppress(Refused):
            by = self.now().owner or "northmere-police" if by == OWNER else by
            self.night.say(by, type_, data, f"child/{self.handle}")
            type(self).accepted.add(f"{type_} of the child")

    @rule(by=agency, at=moment, kind=st.sampled_from(("detained", "admitted", "located_not_returning")))
    def find_away(self, by: str, at: str, kind: str) -> None:
        time = {"located_not_returning": "located_at"}.get(kind, f"{kind}_at")
        reason = {"reason": "refuses"} if kind == "located_not_returning" else {}
        self.publish(by, f"child.{kind}", {time: at, **reason})

    @rule(by=agency, identified=st.booleans())
    def die(self, by: str, identified: bool) -> None:
        self.publish(by, "child.died", {"identified": identified, "family_told": False})

    @rule(by=agency, at=moment, reason=st.sampled_from(ReopeningReason).map(str))
    def reopen(self, by: str, at: str, reason: str) -> None:
        self.publish(by, "episode.reopened", {"reopened_at": at, "reason": reason})

    @rule(by=agency, at=moment)
    def cancel(self, by: str, at: str) -> None:
        self.publish(by, "episode.cancelled", {"cancelled_at": at, "reason": "duplicate"})

    @rule(by=agency, at=moment, kind=st.sampled_from(("offered", "accepted", "declined", "attempted")))
    def approach(self, by: str, at: str, kind: str) -> None:
        clocks = self.now().deadlines
        outcome = {"outcome": "no_contact"} if kind == "attempted" else {}
        self.publish(by, f"rhi.{kind}", {f"{kind}_at": at, **outcome})
        assert [one.state for one in self.now().deadlines] == [one.state for one in clocks]

    @rule(by=agency, level=st.sampled_from(RiskLevel).map(str))
    def assess(self, by: str, level: str) -> None:
        self.publish(by, "risk.changed", {"risk": {"level": level}})

    @rule(by=agency, at=moment)
    def find(self, by: str, at: str) -> None:
        self.publish(by, "child.located", {"located_at": at})

    @rule(by=agency, at=moment)
    def see(self, by: str, at: str) -> None:
        self.publish(by, "wellbeing.confirmed", {"confirmed_at": at})

    @rule(by=agency, at=moment)
    def bring_back(self, by: str, at: str) -> None:
        self.publish(by, "child.returned", {"returned_at": at, "setting": "placement"})

    @rule(by=agency, at=moment, reason=st.sampled_from(ClosingReason).map(str))
    def close(self, by: str, at: str, reason: str) -> None:
        self.publish(by, "episode.closed", {"closed_at": at, "reason": reason})

    @rule(by=agency, at=moment)
    def interview(self, by: str, at: str) -> None:
        self.publish(by, "rhi.completed", {"completed_at": at})

    @rule(by=agency, to=st.sampled_from(AGENCIES[:2]) | named, expires=st.none() | moment)
    def offer(self, by: str, to: str, expires: str | None) -> None:
        self.publish(by, "handover.offered", {"to": to, **({"expires_at": expires} if expires else {})})

    @rule(by=st.just(ASKED) | agency, answer=st.sampled_from(("accepted", "declined")))
    def give_answer(self, by: str, answer: str) -> None:
        self.publish_answer(by, answer)

    def publish_answer(self, by: str, answer: str) -> None:
        data = {"reason": {"text": "Not ours."}} if answer == "declined" else {}
        self.publish(by, f"handover.{answer}", data)

    @rule(accept=st.booleans())
    def hand_over(self, accept: bool) -> None:
        """Offer to the other force, which answers: chance alone seldom gets so far."""
        other = "northmere-police" if self.now().owner == "southfold-police" else "southfold-police"
        self.publish(OWNER, "handover.offered", {"to": other})
        self.publish_answer(ASKED, "accepted" if accept else "declined")

    @rule(involved=st.lists(st.tuples(named, role), max_size=3), flagged=st.booleans())
    def record(self, involved: list[tuple[str, str]], flagged: bool) -> None:
        data = {
            "child": {"local_reference": "invented-7"},
            "placement": {"began_at": "2026-09-01T00:00:00Z"},
            "involved": [{"agency": one, "role": part} for one, part in involved],
            "protected_whereabouts": flagged,
        }
        try:
            self.night.say("eastvale-council", "placement.notified", data, f"child/{self.handle}")
        except Refused:
            return

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        self.night.later(hours=hours).tick(self.episode)

    @invariant()
    def one_owner_at_most(self) -> None:
        """The owner is the one agency confirmed as owning force."""
        owners = [one.agency for one in self.now().involvements if self.owns(one)]
        assert owners == ([] if self.now().owner is None else [self.now().owner])

    @staticmethod
    def owns(one: Any) -> bool:
        return bool(one.role is Role.OWNING_FORCE and one.confirmed and one.until is None)

    @invariant()
    def nobody_by_their_own_word(self) -> None:
        """Every confirmation is another's word, the hub's configuration, or the standing record's authority."""
        for one in self.now().involvements:
            if one.confirmed and one.agency == one.named_by:
                assert one.agency == "eastvale-council"
                assert self.now().child == self.handle

    @invariant()
    def closed_with_both_facts(self) -> None:
        """A closed episode has both facts, or a reason that needs none."""
        episode = self.now()
        if episode.status is EpisodeStatus.CLOSED and episode.closing_reason not in ("reported_in_error", "died"):
            assert episode.located_at is not None
            assert episode.wellbeing_confirmed_at is not None

    @invariant()
    def nobody_barred_hears(self) -> None:
        """Whoever is barred is no recipient, by the episode or by the record, and somebody answers for the child."""
        record = self.night.placements[self.handle]
        linked_to_it = self.now().child == self.handle
        for file in (under_bars(self.now(), record), record) if linked_to_it else (record,):
            heard = {one.agency_id for one in recipients(file, self.night)}
            assert heard & record.barred <= {self.now().owner}
        assert record.responsible not in record.barred

    @invariant()
    def no_interview_after_a_death(self) -> None:
        """No clock runs for a child who has died or whose episode was an error."""
        episode = self.now()
        if episode.died or episode.closing_reason in ("reported_in_error", "died"):
            assert not [one for one in episode.deadlines if (one.kind, one.state) == ("rhi", "running")]

    @invariant()
    def an_open_episode_has_no_finding(self) -> None:
        """Open is missing: neither found nor back."""
        episode = self.now()
        if episode.status is EpisodeStatus.OPEN:
            assert (episode.located_at, episode.returned_at, episode.died) == (None, None, False)

    @invariant()
    def one_clock_of_a_kind(self) -> None:
        """Never two interviews and never two answers are waited for."""
        kinds = [one.kind for one in self.now().deadlines if one.state == "running"]
        assert len(kinds) == len(set(kinds))

    @invariant()
    def an_open_offer_and_its_clock_end_together(self) -> None:
        """A receiving force is confirmed while its offer is open, and not a moment longer."""
        episode = self.now()
        waiting = episode.handover is not None and episode.handover.is_open()
        receiving = {
            one.agency
            for one in episode.involvements
            if one.role is Role.RECEIVING_FORCE and one.confirmed and one.until is None
        }
        assert receiving == ({episode.handover.to} if waiting and episode.handover else set())
        assert waiting or not [
            one for one in episode.deadlines if (one.kind, one.state) == ("handover_offer", "running")
        ]

    @invariant()
    def stored_and_read_again_it_is_the_same(self) -> None:
        assert Episode.from_json(self.now().to_json()) == self.now()

    @invariant()
    def a_deadline_reached_twice_is_reached_once(self) -> None:
        late = self.night.now + timedelta(days=30)
        for deadline in self.now().deadlines:
            once = reach(deadline, self.now(), late)
            again = reach(deadline, once.episode, late)
            assert (again.episode, again.derived, again.handover_changed) == (once.episode, (), False)


def test_whatever_is_published_the_promises_hold(new_night: Callable[[], Any]) -> None:
    """No order of events makes two owners, a self-made part, an early closing, a second clock or a broken record."""
    AnyNight.begin = staticmethod(new_night)
    AnyNight.accepted = set()
    run_state_machine_as_test(
        AnyNight, settings=settings(max_examples=200, stateful_step_count=25, deadline=None, database=None)
    )
    # The promises mean something only if events got through.
    assert {"involvement.confirmed", "handover.offered", "handover.accepted", "child.returned"} <= AnyNight.accepted
    assert {"involvement.ended", "child.died", "episode.reopened", "episode.cancelled"} <= AnyNight.accepted
    assert {"access.restricted", "access.restricted of the child"} & AnyNight.accepted
