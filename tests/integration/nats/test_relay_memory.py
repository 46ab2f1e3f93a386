"""What the relay has from memory and what it reads: whatever memory misses, each message is stored once, in order."""

import asyncio
import re
import threading
from collections import Counter
from datetime import UTC, datetime

import pytest

from broker.flows import channel_keys
from broker.flows.check import read
from broker.flows.ending import end
from broker.flows.publish import Publish, Published, publish
from broker.flows.relay import Relay
from broker.nats import frames
from broker.ports import fresh
from broker.ports.records import Mailbox, Position, Scope
from broker.settings import Settings
from broker.store.keystore import SqlVault
from broker.store.relay import RelayReading
from broker.wiring import build
from tests.placed_child import HEARING, missing, placement

POLICE = "northmere-police"


async def report(stand, children: int = 1) -> None:
    """Place children and report them missing: four agencies hear of each."""
    for _ in range(children):
        placed = await stand.publish(placement())
        await stand.publish(missing(placed["subject"]))


def commit(built, document) -> Published:
    """Publish in a process's own name, as its doors do, past the relay of another."""
    agency, incoming = document["source"].rpartition("/")[2], read(document)
    (outcome,) = built.hub.sequencer.commit([lambda draft: publish(draft, agency, incoming, built.hub.parts)])
    assert isinstance(outcome, Published), outcome
    return outcome


async def stored(stand) -> dict[str, list[tuple[Position, str, str]]]:
    """What lies in the stream for each agency, in order: place in the mailbox, id, and kind of content."""
    jetstream = stand.client.jetstream()
    state = (await jetstream.stream_info("OUT")).state
    found = {agency: [] for agency in HEARING}
    agencies = {f"A{agency.replace('-', '').upper()}": agency for agency in HEARING}
    for sequence in range(max(1, state.first_seq), state.last_seq + 1):
        message = await jetstream.get_msg("OUT", seq=sequence)
        agency = agencies.get(message.subject.split(".")[1])
        if agency is not None:
            place = Position.parse(message.headers["Concordat-Sequence"])
            found[agency].append((place, message.headers["Nats-Msg-Id"], message.headers["Content-Type"]))
    return found


def mailboxes(stand, agencies=HEARING) -> dict[str, list[tuple[Position, str]]]:
    """What was put into each mailbox, in order."""
    with stand.built.store.reading() as view:
        return {
            agency: [(Position(one.generation, one.number), one.disclosure) for one in view.mail(agency, _FIRST, 500)]
            for agency in agencies
        }


_FIRST = Position(0, 0)


async def all_stored(stand, kit, agencies=HEARING) -> None:
    """Wait until the stream holds every mailbox, and see that it holds it once, in order, and nothing else."""

    async def complete() -> bool:
        lies = await stored(stand)
        return all(len(lies[agency]) >= len(mail) for agency, mail in mailboxes(stand, agencies).items())

    await kit.until(complete, "all mail in the stream")
    lies = await stored(stand)
    for agency, mail in mailboxes(stand, agencies).items():
        assert mail
        assert [one[:2] for one in lies[agency]] == mail


def looks_at_the_database(monkeypatch) -> list[object]:
    """Note each time that mail is read from the database for the stream."""
    looks, letters = [], RelayReading.letters
    monkeypatch.setattr(RelayReading, "letters", lambda view, which: looks.append(which) or letters(view, which))
    return looks


def of_memory(stand, monkeypatch, keep):
    """Have letters on their way to the relay pass through `keep`, which says of each whether it arrives."""
    put = stand.built.hub.fresh.put
    monkeypatch.setattr(stand.built.hub.fresh, "put", lambda letters: put([one for one in letters if keep(one)]))


def test_a_night_comes_from_memory(tmp_path, server, kit, monkeypatch):
    """A hub that keeps up does not read back what it has just written."""
    looks = looks_at_the_database(monkeypatch)

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand)
            await all_stored(stand, kit)
            looks.clear()
            await report(stand, 10)
            await all_stored(stand, kit)
            # A moment without a wake-up may have it look: but not as often as there was something to send.
            assert len(looks) < 10

    asyncio.run(story())


@pytest.mark.parametrize(("seconds", "looks"), [(3600.0, range(1, 2)), (0.0, range(3, 1000))])
def test_whether_keys_were_erased_is_looked_at_behind_the_mail(tmp_path, server, kit, monkeypatch, seconds, looks):
    """In a thread, and not at each batch: where nobody had looked for a second, new mail would wait for it."""
    looked, keys = [], SqlVault.keys

    def noted(vault, scopes, **given):
        if not scopes:
            looked.append(threading.current_thread() is threading.main_thread())
        return keys(vault, scopes, **given)

    monkeypatch.setattr(SqlVault, "keys", noted)
    monkeypatch.setattr(channel_keys, "LOOK_SECONDS", seconds)

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            for _ in range(4):
                await report(stand)
                await all_stored(stand, kit)
            await kit.until(lambda: len(looked) in looks, "the looks")

    asyncio.run(story())
    assert len(looked) in looks
    assert not any(looked)


def test_mail_is_on_its_way_before_whoever_reports_is_answered(tmp_path, server, kit, monkeypatch):
    """The last recipient does not wait for the publisher's receipt to be written."""
    order, hand_over = [], frames._hand_over

    async def noted(client, octets):
        await hand_over(client, octets)
        order.append("mail")

    monkeypatch.setattr(frames, "_hand_over", noted)

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            placed = [await stand.publish(placement()) for _ in range(8)]
            for one in placed:
                document = missing(one["subject"])
                order.append("report")
                await stand.built.hub.sequencer.place(Publish(document["source"].rpartition("/")[2], (read(document),)))
                order.append("receipt")
                await all_stored(stand, kit)
        # Now and then it looks at the database at that very moment.
        assert len(re.findall("report mail(?: mail)* receipt", " ".join(order))) > 3, order

    asyncio.run(story())


def test_what_memory_misses_here_and_there_is_read(tmp_path, server, kit, monkeypatch):
    """Every third message does not come by memory: the gaps are seen, and what comes after waits its turn."""
    passed = Counter()

    def keep(letter) -> bool:
        passed["all"] += 1
        return passed["all"] % 3 != 0

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            of_memory(stand, monkeypatch, keep)
            await report(stand, 8)
            await all_stored(stand, kit)

    asyncio.run(story())
    assert passed["all"] > 24


def test_a_relay_that_is_behind_drops_its_memory_and_reads(tmp_path, server, kit, monkeypatch):
    """More has been committed than memory holds for it: nothing is lost by that."""
    monkeypatch.setattr(fresh, "MOST", 5)

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await asyncio.gather(*(report(stand) for _ in range(8)))
            await all_stored(stand, kit)

    asyncio.run(story())


def test_a_batch_that_is_too_large_is_sent_in_parts(tmp_path, server, kit, monkeypatch):
    """Of what came together only a part fits into one batch: the rest follows, from memory, in order."""
    monkeypatch.setattr("broker.flows.parcels.MOST_BYTES", 3000)
    looks = looks_at_the_database(monkeypatch)

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand)
            await all_stored(stand, kit)
            looks.clear()
            await report(stand, 6)
            await all_stored(stand, kit)
            assert len(looks) < 6

    asyncio.run(story())


def test_what_another_replica_committed_is_not_left_lying_while_this_one_is_busy(tmp_path, server, kit, monkeypatch):
    """One message for the health service does not come by memory; the force's own go on coming without a pause."""
    lost = []

    def keep(letter) -> bool:
        is_lost = letter.mail.recipient != POLICE
        lost.extend([letter] * is_lost)
        return not is_lost

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand)
            await all_stored(stand, kit)
            # Nothing that the relay could take for an idle moment or for somebody else's wake-up.
            monkeypatch.setattr(stand.built.hub.fresh, "is_waiting", lambda: True)
            of_memory(stand, monkeypatch, keep)
            await report(stand)
            assert lost

            is_over = asyncio.Event()

            async def go_on() -> None:
                # Ended between two reports and not within one, whose mail might come while the stream is compared.
                while not is_over.is_set():
                    await stand.publish(kit.opening())

            async with asyncio.TaskGroup() as busy:
                busy.create_task(go_on())
                try:
                    await all_there(stand, kit)
                finally:
                    is_over.set()
            await all_stored(stand, kit)

    asyncio.run(story())


async def all_there(stand, kit) -> None:
    """Wait until what others than the force are to have is in the stream."""

    async def complete() -> bool:
        lies = await stored(stand)
        return all(len(lies[one]) >= len(mail) for one, mail in mailboxes(stand).items() if one != POLICE)

    await kit.until(complete, "the others' mail in the stream")


def test_mail_of_another_process_is_sent(tmp_path, server, kit):
    """The command line, or another replica, commits beside the hub that relays: its mail goes the same way."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand)
            await all_stored(stand, kit)
            other = build(Settings(state=tmp_path / "state", checkpoint_seconds=3600))
            try:
                for _ in range(3):
                    placed = await asyncio.to_thread(commit, other, placement())
                    await asyncio.to_thread(commit, other, missing(placed.receipt.subject))
                    await report(stand)
                placed = await asyncio.to_thread(commit, other, placement())
                await asyncio.to_thread(commit, other, missing(placed.receipt.subject))
            finally:
                other.close()
            await all_stored(stand, kit)

    asyncio.run(story())


def test_a_mailbox_of_a_next_life_is_sent_from_its_beginning(tmp_path, server, kit):
    """After a restore mailboxes are numbered anew: the first of the new life follows the last of the old."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand, 2)
            await all_stored(stand, kit)
            again = [lambda draft, one=one: draft.put_mailbox(Mailbox(one, 2, 0)) for one in HEARING]
            await asyncio.gather(*(stand.built.hub.sequencer.submit(step) for step in again))
            await report(stand, 2)
            await all_stored(stand, kit)
            lives = {place.generation for place, *_ in (await stored(stand))[POLICE]}
            assert lives == {1, 2}

    asyncio.run(story())


def test_nobody_waits_for_an_agency_that_does_not_receive(tmp_path, server, kit):
    """An agency without a channel on NATS is not sent to, and holds up none; once it has one, it gets all its mail."""
    others = [one for one in HEARING if one != POLICE]

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            with stand.built.store.reading() as view:
                before = next(one for one in view.agencies() if one.id == POLICE)
            kit.change(stand.built, POLICE, scopes=frozenset({"publish"}))
            await report(stand, 2)
            await all_stored(stand, kit, others)
            assert (await stored(stand))[POLICE] == []
            kit.change(stand.built, POLICE, scopes=before.scopes)
            await all_stored(stand, kit)
            kit.change(stand.built, POLICE, scopes=frozenset({"publish"}))
            await report(stand)
            await all_stored(stand, kit, others)
            kit.change(stand.built, POLICE, scopes=before.scopes)
            await all_stored(stand, kit)

    asyncio.run(story())


@pytest.mark.parametrize("half_way", [False, True], ids=["whole", "key alone"])
def test_an_erased_channel_key_is_not_used_again(tmp_path, server, kit, half_way):
    """What comes after lies under another key, and nothing is left out: half-way through an erasure too."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await report(stand)
            await all_stored(stand, kit)
            with stand.built.store.reading() as view:
                (old,) = (one for one in view.channel_keys() if one.agency == POLICE)
            count = stand.mailbox(POLICE)
            if half_way:
                stand.built.vault.erase(Scope(f"channel/{old.kid}", POLICE))
            else:
                channel_keys.erase(stand.built.store, stand.built.hub.parts, old)
            await report(stand, 2)
            await all_stored(stand, kit)
            reader = await stand.reader(POLICE)
            jetstream = stand.client.jetstream()
            last = (await jetstream.stream_info("OUT")).state.last_seq
            mine = [await jetstream.get_msg("OUT", seq=sequence) for sequence in range(1, last + 1)]
            mine = [one for one in mine if one.subject.startswith(f"out.{kit.token_of(POLICE)}.")]
            for message in mine[count:]:
                assert reader.open(message)["id"] == message.headers["Nats-Msg-Id"]
            with stand.built.store.reading() as view:
                assert old.begun_at <= datetime.now(UTC)
                assert {one.kid for one in view.channel_keys() if one.agency == POLICE} - {old.kid}

    asyncio.run(story())


def test_a_hub_that_ends_between_storing_and_remembering_sends_nothing_twice(tmp_path, server, kit, monkeypatch):
    """The stream knows how far it went, although the database was never told."""

    async def forget(*_) -> None:
        return

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            with monkeypatch.context() as patched:
                patched.setattr(Relay, "_keep", forget)
                await report(stand, 3)
                await all_stored(stand, kit)
                with stand.built.store.reading() as view:
                    assert view.out_positions().get(POLICE) is None or view.out_positions()[POLICE].stored == 0
                    assert stand.mailbox(POLICE) >= 3
                await end(stand.serving)
        async with kit.hub(tmp_path, server) as again:
            await report(again, 2)
            await all_stored(again, kit)

    asyncio.run(story())
