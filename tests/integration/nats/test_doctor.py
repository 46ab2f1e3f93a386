"""What `concordat doctor` finds wrong with NATS, on a real server to which each harm is really done."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from broker.built import Built
from broker.cli.check import Check, Verdict
from broker.cli.checks_nats import examine_nats
from broker.cli.partnership import found
from broker.flows.check import read
from broker.flows.publish import publish
from broker.nats.accounts import agency_claims
from broker.nats.channel import LEASE
from broker.nats.config import ServerConfig
from broker.nats.keys import keys_from
from broker.nats.out_stream import STREAM, StreamPlan, create
from broker.nats.reconcile import push
from broker.settings import Settings
from broker.wiring import build
from contracts.agency import Agency
from tests.nats_world import World, world

POLICE, HOME = "northmere-police", "harbour-house"


@dataclass
class Patient:
    """A hub whose NATS is looked at. No part of it runs: each harm stays as it was done."""

    built: Built
    world: World

    async def checks(self) -> Mapping[str, Check]:
        """Look, as the command does."""
        settings = self.built.settings.model_copy(update={"nats": "external", "nats_url": self.world.place.urls[0]})
        found = await asyncio.to_thread(lambda: list(examine_nats(settings, self.built.vault, self.built.store)))
        return {one.name: one for one in found}

    def agencies(self) -> tuple[Agency, ...]:
        with self.built.store.reading() as view:
            return view.agencies()

    async def make_well(self) -> None:
        """Do what a running hub does: accounts, stream, durables."""
        await self.world.jetstream.delete_stream(STREAM)
        made = await create(self.world.hub, StreamPlan(), None)
        with self.built.store.writing() as unit:
            unit.put_out_stream(made)
        await self.world.admit(*self.agencies())


@contextlib.asynccontextmanager
async def patient(folder: Path) -> AsyncIterator[Patient]:
    built = build(Settings(state=folder / "state"))
    try:
        found(built.hub, folder / "agencies")
        async with world(folder, keys_from(built.vault.secret, None, int(time.time()))) as one:
            yield Patient(built, one)
    finally:
        built.close()


def verdicts(checks: Mapping[str, Check]) -> set[Verdict]:
    return {one.verdict for one in checks.values()}


def test_what_a_running_hub_makes_is_missed_until_it_is_there(tmp_path: Path) -> None:
    """Accounts that were never pushed and durables that were never made are named; with both, all is well."""

    async def story() -> None:
        async with patient(tmp_path) as one:
            before = await one.checks()
            assert before["NATS"].found.startswith("external; answers, nats-server 2.")
            assert before["NATS durability"].verdict is Verdict.WELL
            for name in ("NATS accounts", "NATS durables"):
                assert before[name].verdict is Verdict.WRONG
                assert before[name].do
            await one.make_well()
            after = await one.checks()
            assert verdicts(after) == {Verdict.WELL}
            assert len(after) == 7

    asyncio.run(story())


def test_an_account_of_yesterday_is_found(tmp_path: Path) -> None:
    """A force's key was rotated and the servers never heard of it: it is named, and nobody else is."""

    async def story() -> None:
        async with patient(tmp_path) as one:
            await one.make_well()
            member = next(agency for agency in one.agencies() if agency.id == POLICE)
            stale = replace(member, keys=({"kid": "the-key-of-yesterday"},))
            await push(one.world.system, agency_claims(one.world.place.keys, stale, int(time.time())))
            checks = await one.checks()
            assert checks["NATS accounts"].found == f"not as registered: {POLICE}"
            assert [name for name, check in checks.items() if check.verdict is Verdict.WRONG] == ["NATS accounts"]

    asyncio.run(story())


def test_a_lost_durable_and_a_lost_stream_are_found(tmp_path: Path) -> None:
    """Whoever looks is told which agency's durable is gone, and, once the stream itself is, to rebuild it."""

    async def story() -> None:
        async with patient(tmp_path) as one:
            await one.make_well()
            await one.world.jetstream.delete_consumer(STREAM, one.world.token(POLICE))
            lost = (await one.checks())["NATS durables"]
            assert lost.found == f"missing: {POLICE}"
            await one.world.jetstream.delete_stream(STREAM)
            gone = (await one.checks())["NATS stream"]
            assert gone.verdict is Verdict.WRONG
            assert "concordat nats rebuild" in str(gone.do)

    asyncio.run(story())


def test_mail_that_does_not_move_is_found(tmp_path: Path, kit) -> None:
    """A message waits and no hub sends; then a hub says that it sends, and nothing moves."""

    async def story() -> None:
        async with patient(tmp_path) as one:
            await one.make_well()
            incoming, hub = read(kit.opening()), one.built.hub
            hub.sequencer.commit([lambda draft: publish(draft, HOME, incoming, hub.parts)])
            alone = (await one.checks())["NATS relay"]
            assert alone.verdict is Verdict.WRONG
            assert "no hub sends" in alone.found
            with one.built.store.writing() as unit:
                assert unit.take_lease(LEASE, "somebody", datetime.now(UTC), 60)
            stuck = (await one.checks())["NATS relay"]
            assert stuck.verdict is Verdict.WRONG
            assert "none moves" in stuck.found

    asyncio.run(story())


def test_a_hasty_server_is_found(tmp_path: Path, monkeypatch) -> None:
    """A server with the default interval between syncs would lose what it has confirmed: the setting is named."""
    text = ServerConfig.text
    monkeypatch.setattr(
        ServerConfig, "text", lambda self, at: text(self, at).replace("sync_interval: always", "sync_interval: 2m")
    )

    async def story() -> None:
        async with patient(tmp_path) as one:
            await one.make_well()
            hasty = (await one.checks())["NATS durability"]
            assert hasty.verdict is Verdict.WRONG
            assert "sync_interval: always" in str(hasty.do)

    asyncio.run(story())


def test_servers_that_do_not_answer_are_found(tmp_path: Path, server) -> None:
    """No server, or one that does not know this hub: said, with where to look, and nothing is made."""
    built = build(Settings(state=tmp_path / "state"))
    try:
        for url in (server.url, "nats://127.0.0.1:1"):
            settings = built.settings.model_copy(update={"nats": "external", "nats_url": url})
            (only,) = examine_nats(settings, built.vault, built.store)
            assert only.verdict is Verdict.WRONG
            assert "CONCORDAT_NATS_URL" in str(only.do)
    finally:
        built.close()


def test_an_embedded_server_is_looked_at_without_being_started(tmp_path: Path) -> None:
    """Before the first start, while it is down, and after its folder was exchanged for another hub's."""
    built = build(Settings(state=tmp_path / "state"))

    def looked() -> list[Check]:
        return list(examine_nats(built.settings, built.vault, built.store))

    async def run_once() -> None:
        async with world(tmp_path / "state", keys_from(built.vault.secret, None, 0)):
            pass

    try:
        (never,) = looked()
        assert never.verdict is Verdict.LOOK
        asyncio.run(run_once())
        key, down = looked()
        assert key.verdict is Verdict.WELL
        assert "does not run" in down.found
        (tmp_path / "state" / "nats" / "streams.key-id").write_text("0" * 32)
        key, _ = looked()
        assert key.verdict is Verdict.WRONG
        assert "rebuild" in str(key.do)
        shutil.rmtree(tmp_path / "state" / "nats" / "streams")
        (tmp_path / "state" / "nats" / "streams.key-id").unlink()
        key, _ = looked()
        assert key.verdict is Verdict.WELL
    finally:
        built.close()
