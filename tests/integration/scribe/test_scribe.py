"""The hub and its scribe's process: what is handed over is done once, there or here, and answered alike."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import asynccontextmanager, contextmanager

import pytest
from opentelemetry import trace
from sqlalchemy import select
from structlog.testing import capture_logs

from broker.casework.refusal import Refused
from broker.cli.partnership import found
from broker.edition import edition
from broker.flows import check
from broker.flows.enrol import enrol
from broker.flows.publish import Publish, RefusedInBatch
from broker.ports.store import StoreUnavailable
from broker.scribe import beside, process
from broker.scribe.beside import Scribe
from broker.settings import Settings
from broker.store import tables
from broker.wiring import build, running
from contracts.agency import Agency
from contracts.vocabulary import AgencyKind
from tests.placed_child import COUNCIL, HOME, missing, placement

PATIENCE = 60


@pytest.fixture
def settings(database_url, tmp_path):
    """A hub with a scribe, on each database."""
    return Settings(state=tmp_path / "state", database_url=database_url, nats="off", scribe=True, tellers=0)


@asynccontextmanager
async def busy_hub(settings):
    """A hub that has had much to write, and has a scribe that is ready."""
    built = build(settings)
    found(built.hub, settings.state / "agencies")
    async with asyncio.timeout(PATIENCE), running(built):
        await published(built, *reports(beside.MANY))
        await built.scribe._starting
        assert built.scribe._process.is_ready
        yield built


def reports(count=1, child=f"child/{0:026d}"):
    return [missing(child) for _ in range(count)]


async def placed_child(built):
    """Return the subject of a child of whom several agencies hear."""
    (receipt,) = await published(built, placement(), agency=COUNCIL)
    return receipt.receipt.subject


async def published(built, *documents, agency=HOME):
    order = Publish(agency, tuple(check.read(one) for one in documents))
    return await built.hub.sequencer.place(order)


@contextmanager
def not_here(built, monkeypatch):
    """Nothing is written in the hub's own process."""
    with monkeypatch.context() as patched:
        patched.setattr(built.hub.sequencer, "_together", None)
        yield


def kept(built, event_id):
    """How often an event, and what was told of it, stand in the database."""
    with built.store._database.reading() as connection:
        events = connection.execute(select(tables.events.c.id).where(tables.events.c.id == event_id)).all()
        told = connection.execute(
            select(tables.disclosures.c.recipient).where(tables.disclosures.c.event_id == event_id)
        ).all()
    return len(events), Counter(row.recipient for row in told)


def pid_of(built):
    return built.scribe._process._process.pid


def test_what_it_writes_is_answered_as_the_hub_itself_does(settings, monkeypatch, spans):
    """The same agencies are told, and the mail is there for whoever sends it on, in the trace of who reported."""

    async def story():
        async with busy_hub(settings) as built:
            child = await placed_child(built)
            built.scribe._process.is_ready = False
            (here,) = await published(built, *reports(1, child))
            built.scribe._process.is_ready = True
            with built.hub.fresh.listening(), not_here(built, monkeypatch):
                woken = asyncio.ensure_future(built.hub.notifier.wait(PATIENCE))
                with trace.get_tracer("test").start_as_current_span("report") as span:
                    (there,) = await published(built, *reports(1, child))
                await asyncio.wait_for(woken, 1)
                letters = built.hub.fresh.take()
            assert [one.agency for one in there.receipt.told] == [one.agency for one in here.receipt.told]
            assert there.told == len(there.receipt.told) > 1
            # The hub's own notices, which are in no trace, lie beside them.
            traces = {letter.mail.disclosure: letter.trace for letter in letters}
            traced = trace.format_trace_id(span.get_span_context().trace_id)
            assert {traces[one.disclosure_id].split("-")[1] for one in there.receipt.told} == {traced}

    asyncio.run(story())


def test_a_retry_is_answered_with_the_first_receipt(settings, monkeypatch):
    """Wherever the first was written, and wherever the second is."""

    async def story():
        async with busy_hub(settings) as built:
            report = reports()[0]
            with not_here(built, monkeypatch):
                (first,) = await published(built, report)
                (second,) = await published(built, report)
            built.scribe._process.is_ready = False
            (third,) = await published(built, report)
            assert first.written == second.written == third.written
            assert [first.replayed, second.replayed, third.replayed] == [False, True, True]

    asyncio.run(story())


def test_what_is_refused_is_refused_in_the_hubs_own_words(settings):
    """One event of three is another agency's: all are refused, and those handed over with them are not."""

    async def story():
        async with busy_hub(settings) as built:
            good, bad, beside_it = reports(3)
            foreign = bad | {"source": "/agencies/bright-path"}
            refused, taken = await asyncio.gather(
                published(built, good, foreign), published(built, beside_it), return_exceptions=True
            )
            assert isinstance(refused, RefusedInBatch)
            assert (refused.place, type(refused.reason)) == (1, Refused)
            assert not taken[0].replayed
            assert kept(built, good["id"])[0] == 0
            assert kept(built, beside_it["id"])[0] == 1

    asyncio.run(story())


def test_an_agency_that_has_just_come_may_report(settings, monkeypatch):
    """It was registered by the hub's own process; the scribe knows it with the next event."""
    newcomer = Agency("new-haven", "New Haven", AgencyKind.CHARITY)

    async def story():
        async with busy_hub(settings) as built:
            await built.hub.sequencer.submit(lambda draft: enrol(draft, newcomer))
            report = reports()[0] | {"source": f"/agencies/{newcomer.id}"}
            with not_here(built, monkeypatch):
                (receipt,) = await published(built, report, agency=newcomer.id)
            assert not receipt.replayed

    asyncio.run(story())


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_what_a_lost_one_had_is_done_here_once(settings, monkeypatch, end):
    """It dies or hangs with reports in its hands, whether or not it has committed them."""
    monkeypatch.setattr(process, "PATIENCE_SECONDS", 1)

    async def story():
        async with busy_hub(settings) as built:
            lost, those = pid_of(built), reports(6, await placed_child(built))
            tasks = [asyncio.ensure_future(published(built, one)) for one in those]
            await asyncio.sleep(0)
            with capture_logs() as logs:
                os.kill(lost, end)
                answers = await asyncio.gather(*tasks)
            assert [one["event"] for one in logs if one["log_level"] == "warning"] == ["scribe_lost"]
            for report, (answer,) in zip(those, answers, strict=True):
                events, told = kept(built, report["id"])
                assert events == 1
                assert {one.agency for one in answer.receipt.told} <= told.keys()
                assert set(told.values()) == {1}
            with pytest.raises(ProcessLookupError):
                os.kill(lost, 0)
            # For a while none takes its place: what made it die may not be over.
            await published(built, *reports(beside.MANY))
            assert not built.scribe._process.is_ready

    asyncio.run(story())


def test_another_comes_in_its_place(settings, monkeypatch):
    """After a while the hub tries again."""
    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0)

    async def story():
        async with busy_hub(settings) as built:
            lost = pid_of(built)
            os.kill(lost, signal.SIGKILL)
            while built.scribe._process.is_ready:  # noqa: ASYNC110 (the line says when it is not)
                await asyncio.sleep(0)
            await published(built, *reports(beside.MANY))
            await built.scribe._starting
            assert built.scribe._process.is_ready
            assert pid_of(built) != lost

    asyncio.run(story())


def test_a_hub_that_stops_leaves_nobody_waiting(settings):
    """Who has no answer yet asks again; and none is started any more."""

    async def story():
        async with busy_hub(settings) as built:
            scribe, stopped = built.scribe, pid_of(built)
            os.kill(stopped, signal.SIGSTOP)
            waiting = asyncio.ensure_future(scribe.write(Publish(HOME, (check.read(reports()[0]),))))
            await asyncio.sleep(0)
            ending = asyncio.ensure_future(scribe.end())
            with pytest.raises(StoreUnavailable):
                await waiting
            os.kill(stopped, signal.SIGCONT)
            await ending
            assert not scribe.takes(Publish(HOME, tuple(map(check.read, reports(beside.MANY)))))
            assert scribe._starting.done()
            with pytest.raises(ProcessLookupError):
                os.kill(stopped, 0)

    asyncio.run(story())


def test_a_changed_hub_on_the_disk_is_not_used(settings):
    """It would write what this one has not decided. The hub goes on alone until it is started again."""

    async def story():
        scribe = Scribe(settings, "another edition", lambda _: None)
        much = Publish(HOME, tuple(map(check.read, reports(beside.MANY))))
        assert not scribe.takes(much)
        with capture_logs() as logs:
            await scribe._starting
        assert [one["event"] for one in logs] == ["scribe_started", "scribe_not_started"]
        started = scribe._starting
        assert not scribe.takes(much)
        assert scribe._starting is started
        assert scribe._process._process.returncode is not None

    asyncio.run(story())


def test_one_that_cannot_open_the_database_is_done_without(settings, capfd):
    """The hub says so, and tries again later. What the scribe's own log says of it is the kind alone."""
    (settings.state / "keys").mkdir(parents=True)
    (settings.state / "keys" / "kek").write_bytes(b"not a key")

    async def story():
        scribe = Scribe(settings, edition(), lambda _: None)
        assert not scribe.takes(Publish(HOME, tuple(map(check.read, reports(beside.MANY)))))
        with capture_logs() as logs:
            await scribe._starting
        assert [one["event"] for one in logs] == ["scribe_started", "scribe_not_started"]
        assert scribe._process._process.returncode is not None

    asyncio.run(story())
    (line,) = capfd.readouterr().err.splitlines()
    assert '"event": "scribe_failed"' in line
