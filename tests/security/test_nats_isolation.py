"""The attacks on isolation that are known, run by one agency against another on the real server.

Each is run twice: with the credentials that the hub gave, and by an attacker who has every permission inside its own
account, as an agency's own server (a leaf node) or a stolen signing key would. The second shows that the accounts hold
by themselves and that permissions are only the first of two walls.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

from broker.nats import accounts, jwt
from broker.nats.reconcile import PushRefused, push
from tests.nats_world import PATIENCE, REFUSED_SECONDS, Visitor, World, agency, listen, until, world

ATTACKER, VICTIM = agency("bright-path"), agency("harbour-house")
EVENT = "concordat.child.located.v1"
BODY = b"not a word of it is true"

Attack = Callable[[World, Visitor, Visitor], Awaitable[None]]


@pytest.fixture(params=["as-given", "every-permission"])
def armed(request: pytest.FixtureRequest) -> bool:
    """Whether the attacker has every permission inside its own account."""
    return bool(request.param == "every-permission")


def run(folder: Path, attack: Attack, *, armed: bool) -> None:
    """Let attacker and victim come in, and run the attack."""

    async def story() -> None:
        async with world(folder) as one:
            await one.admit(ATTACKER, VICTIM)
            creds = unlimited(one) if armed else ATTACKER
            await attack(one, await one.visit(creds), await one.visit(VICTIM))

    asyncio.run(story())


def unlimited(one: World) -> str:
    """Credentials without any limit inside the attacker's account."""
    return accounts._user(one.place.keys, one.place.keys.agency(ATTACKER), int(time.time()), {})


async def ask(client: Client, subject: str, body: bytes = b"") -> bytes | None:
    """Ask, and return the answer, or None if nobody gave one."""
    try:
        return (await client.request(subject, body, timeout=REFUSED_SECONDS)).data
    except Error:
        return None


def said_no(answer: bytes | None) -> bool:
    """Whether nobody answered, or the attacker's own account said that it has no JetStream (or read no further)."""
    return answer is None or (b'"error"' in answer and b'"config"' not in answer)


async def settle(one: World, *visitors: Visitor) -> None:
    """Let everything that is on its way arrive: what was sent before a ping is delivered before its pong."""
    for visitor in visitors:
        await visitor.client.flush()
    await one.hub.flush()
    for visitor in visitors:
        await visitor.client.flush()


def test_the_reply_of_a_publish_cannot_be_sent_to_another(tmp_path: Path, armed: bool) -> None:
    """Asking the hub to answer into another agency's inbox, subject or acks sends nothing there."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        await one.send(VICTIM.id, b"sealed")
        (message,) = await (await victim.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")).fetch(1, PATIENCE)
        inbox = await listen(victim.client, "_INBOX_harbour-house.chosen.by.the.attacker")
        for reply in (
            "_INBOX_harbour-house.chosen.by.the.attacker",
            f"in.{VICTIM.id}.{EVENT}",
            f"in.{one.token(VICTIM.id)}.{EVENT}",
            message.reply,
            f"$JS.API.STREAM.PURGE.{accounts.STREAM}",
        ):
            await attacker.client.publish(f"in.{ATTACKER.id}.{EVENT}", BODY, reply=reply)
        await settle(one, attacker, victim)
        # Each came in as the attacker's own, and no answer went on to become something else.
        assert {heard.subject.split(".")[1] for heard in one.heard} == {one.token(ATTACKER.id)}
        assert len(one.heard) >= 4  # the server itself drops what is to be answered to an ack
        assert inbox == []
        assert await one.waiting(VICTIM.id) == (0, 1)
        assert (await one.jetstream.stream_info("OUT")).state.messages == 1

    run(tmp_path, attack, armed=armed)


def test_the_reply_of_a_pull_cannot_be_sent_to_another(tmp_path: Path, armed: bool) -> None:
    """Messages pulled with another's inbox, subject or acks as the place to send them never get there."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        inbox = await listen(victim.client, "_INBOX_harbour-house.chosen.by.the.attacker")
        places = (
            "_INBOX_harbour-house.chosen.by.the.attacker",
            f"in.{VICTIM.id}.{EVENT}",
            f"in.{one.token(VICTIM.id)}.{EVENT}",
            f"out.{one.token(VICTIM.id)}.{EVENT}",
        )
        for number, reply in enumerate(places, start=1):
            await one.send(ATTACKER.id, BODY)
            await attacker.client.publish(f"HUB.API.CONSUMER.MSG.NEXT.OUT.{ATTACKER.id}", b"1", reply=reply)
            await attacker.client.flush()
            # Either nobody listens there and the server keeps the message, or it was sent and is the attacker's loss.
            await one.keeps(ATTACKER.id, number)
        await settle(one, attacker, victim)
        assert inbox == []
        assert one.heard == []
        assert await one.waiting(VICTIM.id) == (0, 0)
        assert (await one.jetstream.stream_info("OUT")).state.messages == len(places)

    run(tmp_path, attack, armed=armed)


def test_another_agencys_subject_cannot_be_used(tmp_path: Path, armed: bool) -> None:
    """Nothing that an agency sends is heard under another's token, whichever name it writes."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        for name in (VICTIM.id, one.token(VICTIM.id)):
            assert await ask(attacker.client, f"in.{name}.{EVENT}", BODY) is None
            assert armed or await attacker.refused(f"in.{name}.{EVENT}")
        await settle(one, attacker, victim)
        assert one.heard == []
        assert (await victim.client.request(f"in.{VICTIM.id}.{EVENT}", b"{}", timeout=PATIENCE)).data == b"receipt"
        assert [heard.subject for heard in one.heard] == [f"in.{one.token(VICTIM.id)}.{EVENT}"]

    run(tmp_path, attack, armed=armed)


def test_another_agencys_durable_cannot_be_read(tmp_path: Path, armed: bool) -> None:
    """Pulling from another's consumer, or asking how it stands, gets nothing and takes nothing away."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.send(VICTIM.id, b"sealed")
        for prefix in ("HUB.API", "$JS.API"):
            for name in (VICTIM.id, one.token(VICTIM.id)):
                for verb in ("MSG.NEXT", "INFO"):
                    answer = await ask(attacker.client, f"{prefix}.CONSUMER.{verb}.OUT.{name}", b"1")
                    assert said_no(answer)
        assert await one.waiting(VICTIM.id) == (1, 0)
        (message,) = await (await victim.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")).fetch(1, PATIENCE)
        assert message.data == b"sealed"

    run(tmp_path, attack, armed=armed)


def test_another_agencys_inbox_cannot_be_listened_to(tmp_path: Path, armed: bool) -> None:
    """While an agency gets its receipt and its messages, another that listens everywhere hears none of it."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        await one.send(VICTIM.id, b"sealed")
        heard = [await listen(attacker.client, subject) for subject in (">", "_INBOX_harbour-house.>", "in.>", "out.>")]
        await victim.client.request(f"in.{VICTIM.id}.{EVENT}", b"{}", timeout=PATIENCE)
        subscription = await victim.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")
        (message,) = await subscription.fetch(1, PATIENCE)
        await message.ack_sync(timeout=PATIENCE)
        await settle(one, victim, attacker)
        assert not any(heard)
        assert armed or await attacker.refused("_INBOX_harbour-house.>")

    run(tmp_path, attack, armed=armed)


def test_another_agencys_messages_cannot_be_acknowledged(tmp_path: Path, armed: bool) -> None:
    """An ack by somebody else leaves the message waiting; the same ack by its recipient counts."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.send(VICTIM.id, b"sealed")
        (message,) = await (await victim.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")).fetch(1, PATIENCE)
        v2 = message.reply.replace("$JS.ACK.", "$JS.ACK._.hash.", 1) + ".random"
        for subject in (message.reply, v2):
            for body in (b"+ACK", b"+TERM", b"-NAK"):
                assert await ask(attacker.client, subject, body) is None
        assert await one.waiting(VICTIM.id) == (0, 1)
        await message.ack_sync(timeout=PATIENCE)
        assert await one.waiting(VICTIM.id) == (0, 0)

    run(tmp_path, attack, armed=armed)


def test_an_import_of_anothers_subjects_is_not_honoured(tmp_path: Path) -> None:
    """Even claims signed by the operator, should the hub ever make such, do not reach under another's token."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        await one.send(VICTIM.id, b"sealed")
        stolen = {
            "rogue.publish": f"in.{one.token(VICTIM.id)}.{EVENT}",
            "rogue.next": f"$JS.API.CONSUMER.MSG.NEXT.OUT.{one.token(VICTIM.id)}",
            "rogue.purge": "$JS.API.STREAM.PURGE.OUT",
        }
        own = one.place.keys.agency(ATTACKER)
        imports = [
            {
                "name": ours,
                "subject": theirs,
                "account": one.place.keys.hub.public,
                "local_subject": ours,
                "type": "service",
            }
            for ours, theirs in stolen.items()
        ]
        limits = accounts._limits(connections=10)
        rogue = accounts._account(one.place.keys, own, int(time.time()) + 1, {"imports": imports, "limits": limits})
        # Refused whole, or taken without those imports: what counts is what can be reached.
        with contextlib.suppress(PushRefused):
            await push(one.system, rogue)
        armed = await one.visit(unlimited(one))
        for subject in stolen:
            assert await ask(armed.client, subject, b"1") is None
        await settle(one, armed, victim)
        assert one.heard == []
        assert await one.waiting(VICTIM.id) == (1, 0)

    run(tmp_path, attack, armed=True)


def test_claims_that_the_operator_did_not_sign_are_refused(tmp_path: Path) -> None:
    """An agency that signs claims for its own account gets nowhere, even if somebody hands them to the server."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        own = one.place.keys.agency(ATTACKER)
        limits = accounts._limits(connections=-1) | {"disk_storage": -1, "streams": -1, "consumer": -1}
        forged = jwt.encode("account", own.name, own.public, own.signing[0], int(time.time()) + 1, {"limits": limits})
        assert await ask(attacker.client, "$SYS.REQ.CLAIMS.UPDATE", forged.encode()) is None
        with contextlib.suppress(PushRefused):
            await push(one.system, forged)
        await settle(one, attacker, victim)
        assert said_no(await ask(attacker.client, "$JS.API.INFO"))

    run(tmp_path, attack, armed=True)


def test_a_stream_cannot_be_purged_deleted_or_made(tmp_path: Path, armed: bool) -> None:
    """No agency can empty, delete, read or add to a stream, nor make or delete a consumer."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.send(VICTIM.id, b"sealed")
        token = one.token(VICTIM.id)
        verbs = (
            "STREAM.PURGE.OUT",
            "STREAM.DELETE.OUT",
            "STREAM.MSG.DELETE.OUT",
            "STREAM.MSG.GET.OUT",
            "DIRECT.GET.OUT",
            "STREAM.UPDATE.OUT",
            "STREAM.CREATE.THEIRS",
            f"CONSUMER.DELETE.OUT.{token}",
            f"CONSUMER.CREATE.OUT.theirs.out.{token}.>",
            f"CONSUMER.PAUSE.OUT.{token}",
            f"CONSUMER.RESET.OUT.{token}",
        )
        for prefix in ("HUB.API", "$JS.API"):
            for verb in verbs:
                assert said_no(await ask(attacker.client, f"{prefix}.{verb}", b'{"seq":1}'))
        await attacker.client.publish(f"out.{token}.{EVENT}", BODY)
        await settle(one, attacker, victim)
        state = (await one.jetstream.stream_info("OUT")).state
        assert (state.messages, state.first_seq, state.consumer_count) == (1, 1, 2)
        assert await one.waiting(VICTIM.id) == (1, 0)

    run(tmp_path, attack, armed=armed)


def test_the_servers_own_subjects_and_advisories_are_not_heard(tmp_path: Path, armed: bool) -> None:
    """Who connects, which consumers exist and what they acknowledge is told to nobody outside."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        subjects = ("$SYS.>", "$JS.EVENT.>", "$JS.EVENT.ADVISORY.>", "$SYS.ACCOUNT.*.CONNECT")
        heard = [await listen(attacker.client, subject) for subject in subjects]
        hub_hears = await listen(one.hub, "$JS.EVENT.ADVISORY.>")
        system_hears: list[Msg] = await listen(one.system, "$SYS.ACCOUNT.*.CONNECT")
        await one.send(VICTIM.id, b"sealed")
        again = await one.visit(VICTIM)
        (message,) = await (await again.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")).fetch(1, PATIENCE)
        await message.term()
        await until(lambda: bool(hub_hears), "the advisory, in the hub's account")
        await settle(one, attacker, again)
        assert not any(heard)
        assert not system_hears, "the hub's own system user listens to its inbox only"
        for subject in ("$SYS.REQ.SERVER.PING", f"$SYS.REQ.ACCOUNT.{one.place.keys.hub.public}.CONNZ"):
            assert await ask(attacker.client, subject) is None
        assert armed or await attacker.refused("$SYS.>")

    run(tmp_path, attack, armed=armed)


def test_headers_of_the_server_do_nothing_when_an_agency_sets_them(tmp_path: Path, armed: bool) -> None:
    """Squatting on a message id, purging by rollup, reading by schedule and forging the sender: none has an effect."""

    async def attack(one: World, attacker: Visitor, victim: Visitor) -> None:
        await one.answer()
        await one.send(VICTIM.id, b"first")
        token = one.token(VICTIM.id)
        smuggled = {
            "Nats-Msg-Id": "the-victims-next-id",
            "Nats-Rollup": "all",
            "Nats-TTL": "1s",
            "Nats-Expected-Stream": "OUT",
            "Nats-Schedule": "@at 2020-01-01T00:00:00Z",
            "Nats-Schedule-Target": f"in.{one.token(ATTACKER.id)}.{EVENT}",
            "Nats-Schedule-Source": f"out.{token}.{EVENT}",
            "Nats-Batch-Id": "theirs",
            "Nats-Batch-Sequence": "1",
            "Nats-Batch-Commit": "1",
            "Nats-Request-Info": f'{{"acc":"{token}"}}',
        }
        for subject in (f"in.{ATTACKER.id}.{EVENT}", f"out.{token}.{EVENT}", f"in.{VICTIM.id}.{EVENT}"):
            await attacker.client.publish(subject, BODY, headers=smuggled)
        await settle(one, attacker, victim)
        # Who sent it is read from the subject, which the server wrote.
        assert [heard.subject for heard in one.heard] == [f"in.{one.token(ATTACKER.id)}.{EVENT}"]
        await one.send(VICTIM.id, b"second", "the-victims-next-id")
        state = (await one.jetstream.stream_info("OUT")).state
        assert (state.messages, state.first_seq) == (2, 1)
        subscription = await victim.jetstream.pull_subscribe_bind(VICTIM.id, stream="OUT")
        assert [message.data for message in await subscription.fetch(2, PATIENCE)] == [b"first", b"second"]

    run(tmp_path, attack, armed=armed)
