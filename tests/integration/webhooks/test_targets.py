"""Attempts to make the hub reach what it must not, or trust what it must not; and what did not happen."""

import asyncio
import socket

import pytest

from broker.delivery.schedule import Outcome
from broker.egress.addresses import Allowance
from broker.ports.outgoing import TargetRefused

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook", "https://[::1]/hook", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/", "https://0.0.0.0/",
        "http://desk.example/hook", "http://1.1.1.1/", "ftp://desk.example/", "file:///etc/hostname",
        "//desk.example/x", "desk.example/hook", "https:///hook", "https://", "", "https://desk.example:0/",
        "https://desk.example:70000/",
        "https://police:password@desk.example/", "https://desk.example/#part", "https://desk.example/a b",
        "https://desk.example/\r\nx-injected: 1", "https://desk\u0000.example/", "https://d\u00e9sk.example/",
        "https://desk.example\\@127.0.0.1/", "https://" + "a" * 2100 + ".example/", "gopher://127.0.0.1:6379/_FLUSHALL",
    ],
)  # fmt: skip
def test_an_address_that_could_never_be_sent_to_is_refused_at_once(play, url):
    """Schemes, private literals, passwords, odd characters: refused when the endpoint is made, without repeating it."""

    async def story(station):
        sender = station.sender_with(allowance=Allowance())
        with pytest.raises(TargetRefused) as refused:
            sender.check(url)
        assert "127.0.0.1" not in str(refused.value)
        assert "password" not in str(refused.value).replace("user, password or fragment", "")
        assert (await sender.post(url, {}, b"{}")).outcome is Outcome.NOT_ALLOWED
        assert station.names.asked == []

    play(story)


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["100.64.1.1"], ["::1"], ["fd00::1"], ["fe80::1%eth0"],
        ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["64:ff9b:1::1"], ["2002:7f00:1::"], ["2001:0:1::1"],
        [PUBLIC, "127.0.0.1"], ["2606:4700::1", "fe80::1"], ["not an address"], ["127.1"], [PUBLIC, "0x7f.1"],
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_followed(play, answer):
    """One address of a name that is not allowed is enough: no connection is made to any of them."""

    async def story(station):
        async with station.receiver() as inside:
            station.names.of = {"desk.example": [answer]}
            sender = station.sender_with(allowance=Allowance())
            assert (await sender.post(inside.url(), {}, b"{}")).outcome is Outcome.NOT_ALLOWED
            assert inside.got == []

    play(story)


@pytest.mark.parametrize("name", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "localhost."])
def test_other_spellings_of_loopback_lead_nowhere(play, name):
    """What only the system's resolver reads as an address is checked after it has read it."""

    async def story(station):
        async with station.receiver() as inside:
            sender = station.sender_with(allowance=Allowance(), resolver=None)
            answer = await sender.post(inside.url(name=name), {}, b"{}")
            assert answer.outcome in (Outcome.NOT_ALLOWED, Outcome.UNRESOLVED)
            assert inside.got == []
            sender.close()

    play(story)


def test_a_name_that_changes_between_check_and_use_gains_nothing(play):
    """DNS rebinding: what was checked is what is connected to; one attempt never asks for a second answer."""

    async def story(station):
        async with station.receiver() as allowed, station.receiver(host="127.0.0.2") as inside:
            # Both listen on one port, so that only the address tells them apart.
            inside_server = await asyncio.start_server(
                inside.serve, "127.0.0.2", allowed.port, ssl=station.certificates.context("desk.example")
            )
            station.names.of = {"desk.example": [["127.0.0.1"], ["127.0.0.2"]]}
            first = await station.sender.post(allowed.url(), {}, b"{}")
            assert (first.outcome, station.names.asked) == (Outcome.DELIVERED, ["desk.example"])
            second = await station.sender.post(allowed.url(), {}, b"{}")
            assert (second.outcome, len(station.names.asked)) == (Outcome.NOT_ALLOWED, 2)
            assert (len(allowed.got), len(inside.got)) == (1, 0)
            inside_server.close()

    play(story)


def test_the_certificate_must_be_for_the_name_not_for_the_address(play):
    """Connecting by address weakens nothing: another's certificate, or one of an unknown authority, is refused."""

    async def story(station):
        async with station.receiver(name="other.example") as other:
            assert (await station.sender.post(other.url(), {}, b"{}")).outcome is Outcome.NOT_TRUSTED
            assert (await station.sender.post(other.url(name="other.example"), {}, b"{}")).outcome is Outcome.DELIVERED
            assert len(other.got) == 1
            assert other.got[0].headers["host"] == f"other.example:{other.port}"
            stranger = station.sender_with(authorities=None)
            assert (await stranger.post(other.url(name="other.example"), {}, b"{}")).outcome is Outcome.NOT_TRUSTED
            assert len(other.got) == 1

    play(story)


def test_two_names_at_one_address_do_not_share_a_connection(play):
    """A connection whose certificate was checked for one name is never used for another."""

    async def story(station):
        async def keep_alive(_received, writer):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

        async with station.receiver(keep_alive) as desk:
            assert (await station.sender.post(desk.url(), {}, b"{}")).outcome is Outcome.DELIVERED
            answer = await station.sender.post(desk.url(name="bank.example"), {}, b"{}")
            assert answer.outcome is Outcome.NOT_TRUSTED
            assert len(desk.got) == 1

    play(story)


def test_no_proxy_of_the_environment_sees_a_message(play, monkeypatch):
    """A proxy variable, set for something else on the machine, does not take what is meant for an agency."""

    async def story(station):
        async with station.receiver() as desk:
            seen = []
            proxy = await asyncio.start_server(lambda _r, w: (seen.append(1), w.close()), "127.0.0.1", 0)
            where = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, where)
            sender = station.sender_with()
            assert (await sender.post(desk.url(), {}, b"{}")).outcome is Outcome.DELIVERED
            assert (len(desk.got), seen) == (1, [])
            proxy.close()

    play(story)


def test_http_is_for_listed_networks_alone(play):
    """Without TLS only a network that the operator lists is reached, by name too."""

    async def story(station):
        got = []

        async def plain(reader, writer):
            got.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        url = f"http://desk.example:{server.sockets[0].getsockname()[1]}/"
        assert (await station.sender.post(url, {}, b"")).outcome is Outcome.DELIVERED
        station.names.of = {"desk.example": [[PUBLIC]]}
        assert (await station.sender.post(url, {}, b"")).outcome is Outcome.NOT_ALLOWED
        with pytest.raises(TargetRefused):
            station.sender_with(allowance=Allowance()).check(url)
        assert len(got) == 1
        server.close()

    play(story)


def test_a_name_without_an_address_and_a_door_that_is_shut_are_named(play):
    """An agency that looks at its attempts can tell a wrong name from a wrong port."""

    async def story(station):
        async def nothing(_host, _port):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        with socket.create_server(("127.0.0.1", 0)) as taken:
            closed = taken.getsockname()[1]
        url = f"https://desk.example:{closed}/"
        assert (await station.sender_with(resolver=nothing).post(url, {}, b"")).outcome is Outcome.UNRESOLVED
        assert (await station.sender.post(url, {}, b"")).outcome is Outcome.NOT_CONNECTED

    play(story)


def test_a_name_server_that_is_silent_ends_in_time(play):
    """The time for one attempt covers the look-up of the name."""

    async def story(station):
        async def silent(_host, _port):
            await asyncio.Event().wait()

        answer = await station.sender_with(resolver=silent, timeout=0.2).post("https://desk.example/", {}, b"")
        assert answer.outcome is Outcome.TIMED_OUT

    play(story)


def test_a_second_address_is_tried_when_the_first_is_shut(play):
    """A name with several addresses is reached by whichever answers; a request that was sent is not sent twice."""

    async def story(station):
        async with station.receiver() as desk:
            station.names.of = {"desk.example": [["127.0.0.9", "127.0.0.1"]]}
            sender = station.sender_with(allowance=Allowance.read(["127.0.0.0/8"]))
            assert (await sender.post(desk.url(), {}, b"{}")).outcome is Outcome.DELIVERED
            assert len(desk.got) == 1

    play(story)
