"""The order in which the one writer takes what waits: those in a hurry first, none left waiting, no batch too full."""

import asyncio
import threading
from contextlib import contextmanager

import pytest

from broker.flows import record
from broker.flows.turns import MAX_BATCH, MOST_CRAMPED
from broker.ledger.batch import MINIMUM
from broker.ports.records import Scope
from broker.ports.store import StoreUnavailable
from contracts.ledger_entry import Operation

PATIENT = -1
COMPANY = "broker.flows.turns.COMPANY_SECONDS"


def play(doors, story):
    async def with_a_writer():
        running = asyncio.create_task(doors.hub.sequencer.run())
        try:
            async with asyncio.timeout(30):
                await story()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(with_a_writer())


def test_a_report_goes_before_an_ack_that_came_first(doors):
    """What a machine has confirmed lets go first what somebody reports, although it has waited for longer."""
    order = []

    async def story():
        submit, patiently = doors.hub.sequencer.submit, doors.hub.sequencer.submit_patiently
        patient = [asyncio.ensure_future(patiently(lambda *_, n=n: order.append(("ack", n)))) for n in (1, 2)]
        hurried = [asyncio.ensure_future(submit(lambda _, n=n: order.append(("report", n)))) for n in (1, 2, 3)]
        await asyncio.gather(*patient, *hurried)

    play(doors, story)
    assert order == [("report", 1), ("report", 2), ("report", 3), ("ack", 1), ("ack", 2)]


def test_acks_go_along_with_reports(doors):
    """However many are in a hurry: behind each batch of them one goes along, and holds up none that was before it."""
    order = []
    batches = 4

    async def story():
        submit, patiently = doors.hub.sequencer.submit, doors.hub.sequencer.submit_patiently
        patient = [asyncio.ensure_future(patiently(lambda *_: order.append(PATIENT))) for _ in range(batches)]
        hurried = [asyncio.ensure_future(submit(lambda _, n=n: order.append(n))) for n in range(MAX_BATCH * batches)]
        await asyncio.gather(*patient, *hurried)

    play(doors, story)
    assert [place for place, one in enumerate(order) if one == PATIENT] == [
        (MAX_BATCH + 1) * (batch + 1) - 1 for batch in range(batches)
    ]
    assert [one for one in order if one != PATIENT] == list(range(MAX_BATCH * batches))


def test_acks_fill_what_would_be_padding(doors):
    """A report's nine entries leave seven places of sixteen; now and then acks may take a whole batch's."""
    rooms = []

    async def story():
        submit, patiently = doors.hub.sequencer.submit, doors.hub.sequencer.submit_patiently
        for name in range(MOST_CRAMPED * 2 + 2):
            patient = asyncio.ensure_future(patiently(lambda _, most: rooms.append(most)))
            await asyncio.gather(patient, submit(entries(doors, 9, [], str(name))))

    play(doors, story)
    assert rooms == ([MINIMUM - 9] * MOST_CRAMPED + [MINIMUM]) * 2


def test_acks_find_no_room_in_a_full_batch(doors):
    """Where reports fill a batch to the last place, acks add nothing to it, and are asked again with the next."""
    rooms = []

    async def story():
        submit, patiently = doors.hub.sequencer.submit, doors.hub.sequencer.submit_patiently
        patient = asyncio.ensure_future(patiently(lambda _, most: rooms.append(most)))
        await asyncio.gather(patient, submit(entries(doors, 2 * MINIMUM, [], "full")))

    play(doors, story)
    assert rooms == [0]


def test_acks_alone_are_recorded_at_once(doors, monkeypatch):
    """In a quiet hour nobody is waited for who does not come."""
    monkeypatch.setattr(COMPANY, 3600)

    async def story():
        rooms = [await doors.hub.sequencer.submit_patiently(lambda _, most: most) for _ in range(10)]
        assert rooms == [MINIMUM] * 10

    play(doors, story)


def test_an_ack_waits_a_moment_for_company(doors, monkeypatch):
    """Behind a report it waits for the next one, and goes along with that; but no longer than the moment lasts."""
    order = []

    async def story():
        submit, patiently = doors.hub.sequencer.submit, doors.hub.sequencer.submit_patiently
        with monkeypatch.context() as patched:
            patched.setattr(COMPANY, 3600)
            await submit(lambda _: order.append("first"))
            ack = asyncio.ensure_future(patiently(lambda *_: order.append("ack")))
            for _ in range(5):
                await asyncio.sleep(0)  # the writer sees it, and could take it
            await asyncio.gather(submit(lambda _: order.append("second")), ack)
        await patiently(lambda *_: order.append("alone"))

    play(doors, story)
    assert order == ["first", "second", "ack", "alone"]


def test_a_hub_that_stops_leaves_no_patient_one_waiting(doors):
    """They too are told to ask again."""
    sequencer, under_way, may_end = doors.hub.sequencer, threading.Event(), threading.Event()

    def slow(_):
        under_way.set()
        may_end.wait()

    async def story():
        running = asyncio.create_task(sequencer.run())
        report = asyncio.ensure_future(sequencer.submit(slow))
        await asyncio.to_thread(under_way.wait)
        ack = asyncio.ensure_future(sequencer.submit_patiently(lambda *_: None))
        await asyncio.sleep(0)
        running.cancel()
        told = await asyncio.gather(report, ack, return_exceptions=True)
        may_end.set()
        assert [type(one) for one in told] == [StoreUnavailable, StoreUnavailable]
        with pytest.raises(StoreUnavailable):
            await sequencer.submit_patiently(lambda *_: None)

    asyncio.run(story())


@pytest.fixture
def counted(build):
    """A hub whose transactions are counted, after its founding; the last may be made to fail."""

    class Counting:
        def __init__(self, store):
            self.store, self.committed, self.failing = store, [], set()

        def __getattr__(self, name):
            return getattr(self.store, name)

        @contextmanager
        def writing(self):
            with self.store.writing() as unit:
                before = unit.frontier().size
                yield unit
                grown = unit.frontier().size - before
            self.committed.append(grown)
            if len(self.committed) in self.failing:
                raise StoreUnavailable("invented: the connection broke before the commit was confirmed")

    stores = []

    def wrapper(store):
        stores.append(Counting(store))
        return stores[-1]

    doors = build(wrapper=wrapper)
    stores[0].committed.clear()
    return doors, stores[0]


def entries(doors, count, runs, name):
    """A step that leaves so many entries, under ids that stay the same; what is there already is not put again."""
    ids = [doors.hub.parts.new_id() for _ in range(count)]

    def step(draft):
        runs.append(name)
        if draft.consulted(name):
            return f"{name} again"
        draft.add_consultation(name)
        draft.entries += [
            record.entry(
                doors.hub.parts,
                Operation.ACKNOWLEDGED,
                entry_id=one,
                at=doors.clock.now(),
                actor="//hub.northmere.example/agencies/harbour-house",
                scope=Scope("episode/one", "harbour-house"),
                commitments={},
            )
            for one in ids
        ]
        return name

    return step


def test_a_well_filled_batch_is_appended_before_it_grows_further(counted):
    """Five large steps: as many together as fill a padded size well, and the rest after them, in order."""
    doors, store = counted
    runs = []
    outcomes = doors.hub.sequencer.commit([entries(doors, 400, runs, name) for name in "abcde"])
    assert outcomes == list("abcde")
    assert runs == list("abcde"), "each ran once"
    assert store.committed == [1024, 1024, 512]
    assert doors.operations()[Operation.ACKNOWLEDGED] == 2000


def test_small_steps_are_not_split(counted):
    """A padded batch of a usual size is one commit, however full it is."""
    doors, store = counted
    runs = []
    doors.hub.sequencer.commit([entries(doors, 8, runs, name) for name in "abcd"])
    assert store.committed == [32]


@pytest.mark.parametrize("was_committed", [True, False])
def test_a_doubt_about_the_second_part_touches_only_that(counted, was_committed):
    """The connection breaks in the second part of a split batch: what the first part committed is not run again."""
    doors, store = counted
    runs = []
    steps = [entries(doors, 400, runs, name) for name in "abcde"]
    if was_committed:
        store.failing = {2}
    else:
        broken = iter([StoreUnavailable("invented: no answer")])
        inner = steps[3]

        def breaks(draft):
            for error in broken:
                runs.append("d broke")
                raise error
            return inner(draft)

        steps[3] = breaks
    outcomes = doors.hub.sequencer.commit(steps)
    assert doors.operations()[Operation.ACKNOWLEDGED] == 2000, "each entry once"
    if was_committed:
        assert outcomes == ["a", "b", "c again", "d again", "e"]
        assert runs == list("abcdcde")
    else:
        assert outcomes == list("abcde")
        assert runs == [*"abc", "d broke", *"cde"]


def test_one_bad_step_in_the_second_part_is_dropped_alone(counted):
    """A step that fails by itself is no doubt about the others: nobody runs twice."""
    doors, store = counted
    runs = []

    def bad(_):
        raise ValueError("an invented mistake")

    steps = [entries(doors, 400, runs, "a"), entries(doors, 400, runs, "b"), bad, entries(doors, 1, runs, "c")]
    outcomes = doors.hub.sequencer.commit(steps)
    assert [type(one) for one in outcomes] == [str, str, ValueError, str]
    assert runs == list("abc")
    assert store.committed == [1024, 16]
