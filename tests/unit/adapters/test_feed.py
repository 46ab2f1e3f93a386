"""Receiving: nothing missed, nothing twice, through disconnects, restarts and restores."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.sdk import AccessRefused, Bookmark, Feed, HubClient, Message, Position, missing_numbers
from adapters.sdk.position import MissingNumbers
from adapters.sdk.testing import Fault, InMemoryHub

HOME = "harbour-house"
Play = Callable[..., Any]


async def read(client: HubClient, path: Path, count: int, **filters: Any) -> list[Message]:
    """Read and handle so many messages, then stop in good order."""
    messages: list[Message] = []
    with Bookmark.open(path) as bookmark:
        async with aclosing(aiter(Feed(client, bookmark, **filters))) as feed:
            while len(messages) < count:
                messages.append(await anext(feed))
            # Asking for one more is what says that the last one is done with.
            waiting = asyncio.ensure_future(anext(feed))
            for _ in range(20):
                await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
    return messages


def test_reading_goes_on_where_it_stopped(hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path) -> None:
    """A home's system is restarted at night and gets what came meanwhile, and nothing that it had."""
    bookmark = tmp_path / "bookmark"
    first, second = located(), located()
    before = as_home(lambda client: read(client, bookmark, 2))
    third = located()
    after = as_home(lambda client: read(client, bookmark, 1))

    assert [message.position for message in before + after] == [first, second, third]
    assert hub.mailbox(HOME).resumed == ["1.0", "1.2"]


def test_a_broken_line_is_not_noticed_by_the_application(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """The stream ends twice between two messages; the reader sees one message after the other."""

    async def story(client: HubClient) -> list[Message]:
        messages = []
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            located()
            async with aclosing(aiter(Feed(client, bookmark))) as feed:
                messages.append(await anext(feed))
                hub.faults.append(Fault("/v1/feed"))
                hub.mailbox(HOME).disconnect()
                following = asyncio.ensure_future(anext(feed))
                for _ in range(50):
                    await asyncio.sleep(0)
                located()
                messages.append(await following)
        return messages

    messages = as_home(story)

    assert [str(message.position) for message in messages] == ["1.1", "1.2"]
    assert [message.missed for message in messages] == [0, 0]
    assert hub.mailbox(HOME).resumed == ["1.0", "1.1"]


def test_a_message_that_comes_again_is_handed_over_once(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """The hub delivers at least once; the application sees each disclosure once, in a new generation too."""
    located(message_id="01JD6QK3Z8T0V5W2N4Y6B8C0D1")
    as_home(lambda client: read(client, tmp_path / "bookmark", 1))
    hub.mailbox(HOME).restore()
    hub.mailbox(HOME).messages.clear()
    again = located(message_id="01JD6QK3Z8T0V5W2N4Y6B8C0D1")
    fresh = located()

    messages = as_home(lambda client: read(client, tmp_path / "bookmark", 2))

    assert again == Position(2, 1)
    assert [message.is_gap for message in messages] == [True, False]
    assert messages[1].position == fresh
    assert messages[1].missed == 0


def test_a_message_half_handled_when_the_power_failed_comes_again(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """The bookmark moves when the application is done, not when the message arrives."""
    located()

    async def dies(client: HubClient) -> str:
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            async with aclosing(aiter(Feed(client, bookmark))) as feed:
                return (await anext(feed)).id

    seen = as_home(dies)
    (again,) = as_home(lambda client: read(client, tmp_path / "bookmark", 1))

    assert again.id == seen
    assert hub.mailbox(HOME).resumed == ["1.0", "1.0"]


def test_a_number_that_never_came_is_reported(hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path) -> None:
    """A hub that lost two messages is found out by the reader at the next one."""
    located()
    hub.mailbox(HOME).lose()
    hub.mailbox(HOME).lose()
    located()

    messages = as_home(lambda client: read(client, tmp_path / "bookmark", 2))

    assert [message.missed for message in messages] == [0, 2]
    positions = [message.position for message in messages if message.position]
    assert missing_numbers(positions) == (MissingNumbers(1, 2, 3),)


def test_a_filter_does_not_make_a_gap(hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path) -> None:
    """Who asks for some types only does not see every number, and that is no loss."""
    located()
    hub.mailbox(HOME).lose()
    located()

    messages = as_home(lambda client: read(client, tmp_path / "bookmark", 2, types=["concordat.child.*"]))

    assert [message.missed for message in messages] == [0, 0]


def test_an_erased_message_leaves_no_gap(hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path) -> None:
    """A tombstone keeps the number, and says nothing of what stood there."""
    located()
    hub.mailbox(HOME).erase(located())
    located()

    messages = as_home(lambda client: read(client, tmp_path / "bookmark", 3))

    assert [message.is_erased for message in messages] == [False, True, False]
    assert [message.missed for message in messages] == [0, 0, 0]


def test_a_heartbeat_moves_the_bookmark_of_a_filtered_reader(hub: InMemoryHub, as_home: Play, tmp_path: Path) -> None:
    """After a quiet week a reader of few types does not ask the hub to examine the week again."""

    async def story(client: HubClient) -> None:
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            async with aclosing(aiter(Feed(client, bookmark, types=["concordat.rhi.*"]))) as feed:
                waiting = asyncio.ensure_future(anext(feed))
                for _ in range(20):
                    await asyncio.sleep(0)
                hub.mailbox(HOME).lose()
                hub.mailbox(HOME).heartbeat()
                for _ in range(20):
                    await asyncio.sleep(0)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting

    as_home(story)

    with Bookmark.open(tmp_path / "bookmark") as bookmark:
        assert bookmark.position() == Position(1, 1)


def test_a_heartbeat_never_covers_up_a_lost_message(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """A whole feed that was not given a number asks for it again, whatever the heartbeat says."""

    async def story(client: HubClient) -> list[int]:
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            located()
            async with aclosing(aiter(Feed(client, bookmark))) as feed:
                missed = [(await anext(feed)).missed]
                following = asyncio.ensure_future(anext(feed))
                for _ in range(20):
                    await asyncio.sleep(0)
                hub.mailbox(HOME).lose()
                hub.mailbox(HOME).heartbeat()
                for _ in range(20):
                    await asyncio.sleep(0)
                assert bookmark.position() == Position(1, 1)
                located()
                missed.append((await following).missed)
        return missed

    assert as_home(story) == [0, 1]


def test_the_hub_hears_of_each_delivery_at_once(hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path) -> None:
    """Whoever told the home sees "delivered" while the stream is still open."""
    last = [located(), located()][-1]

    as_home(lambda client: read(client, tmp_path / "bookmark", 2))

    assert hub.mailbox(HOME).confirmed == last


def test_an_overloaded_hub_is_left_alone_as_long_as_it_asks(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """`retry:` before the end of the stream is the least that the reader waits."""

    async def story(client: HubClient) -> None:
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            async with aclosing(aiter(Feed(client, bookmark))) as feed:
                waiting = asyncio.ensure_future(anext(feed))
                for _ in range(20):
                    await asyncio.sleep(0)
                hub.mailbox(HOME).ask_to_wait(9000)
                hub.mailbox(HOME).disconnect()
                for _ in range(20):
                    await asyncio.sleep(0)
                located()
                await waiting

    as_home(story)

    assert hub.clock.waits == [9.0]


def test_a_proxy_in_the_way_does_not_end_the_reading(
    hub: InMemoryHub, as_home: Play, located: Play, tmp_path: Path
) -> None:
    """A bare 404 or 502 while the hub is being deployed is waited out."""
    hub.faults += [Fault("/v1/feed", httpx2.Response(status, text="gone")) for status in (404, 502)]
    located()

    messages = as_home(lambda client: read(client, tmp_path / "bookmark", 1))

    assert len(messages) == 1


def test_a_revoked_reader_is_told_so(hub: InMemoryHub, as_home: Play, tmp_path: Path) -> None:
    """A reader whose key is no longer taken stops with an error instead of knocking for ever."""

    async def story(client: HubClient) -> None:
        hub.authority.revoke(HOME)
        await read(client, tmp_path / "bookmark", 1)

    with pytest.raises(AccessRefused):
        as_home(story)


def test_the_inbox_gives_the_same_mailbox_by_asking(hub: InMemoryHub, as_home: Play, located: Play) -> None:
    """An agency behind a firewall polls; its next position confirms the page before."""
    positions = [located(), located()]

    async def story(client: HubClient) -> None:
        page = await client.inbox()
        assert [message.position for message in page.items] == positions
        assert (await client.inbox(after=page.next)).items == ()

    as_home(story)

    assert hub.mailbox(HOME).confirmed == positions[-1]


def test_a_printed_message_shows_no_data(hub: InMemoryHub, as_home: Play, tmp_path: Path) -> None:
    """A message that lands in a log says which it is and nothing of the child."""
    hub.deliver(HOME, "concordat.child.returned.v1", {"condition": {"text": "Wren Canary"}})

    (message,) = as_home(lambda client: read(client, tmp_path / "bookmark", 1))

    assert "Canary" not in repr(message)
    assert message.id in repr(message)
