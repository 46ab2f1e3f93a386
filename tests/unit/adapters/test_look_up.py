"""Looking things up: the whole list, the ledger's own files, and no path that an id could bend."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from adapters.sdk import HubClient, new_id
from adapters.sdk.testing import Fault, InMemoryHub
from contracts.tiles import tiles_of
from contracts.transparency import VerifierKey, open_checkpoint, roots_at

HOME = "harbour-house"
Play = Callable[..., Any]


def test_a_list_is_read_to_its_end(hub: InMemoryHub, as_home: Play) -> None:
    """Who asks what was disclosed gets every page, not just the first."""
    pages = [{"items": [{"id": "a"}, {"id": "b"}], "next": "more"}, {"items": [{"id": "c"}], "next": None}]
    hub.faults += [Fault("/v1/disclosures", httpx2.Response(200, json=page)) for page in pages]

    async def story(client: HubClient) -> list[str]:
        return [item["id"] async for item in client.disclosures(episode=new_id(), from_="2026-11-22")]

    assert as_home(story) == ["a", "b", "c"]


def test_an_auditor_rebuilds_the_checkpoints_root_from_tiles(hub: InMemoryHub, as_home: Play) -> None:
    """The log's own files lead to the root that the hub has signed, over more than one level of tiles."""
    for _ in range(300):
        hub.deliver(HOME, "concordat.child.located.v1", {})
    hub.log.publish()

    async def story(client: HubClient) -> None:
        key = VerifierKey.parse(await client.verifier_key())
        checkpoint = open_checkpoint(await client.checkpoint(), key)
        tiles = {tile: await client.tile(tile) for tile in tiles_of(checkpoint.size)}
        leaves = b"".join(hashes for tile, hashes in tiles.items() if tile.level == 0)
        split = [leaves[start : start + 32] for start in range(0, len(leaves), 32)]
        assert roots_at(split, [300]) == {300: checkpoint.root}
        assert [hashes for tile, hashes in tiles.items() if tile.level == 1] == [roots_at(split, [256])[256]]

    as_home(story)


def test_asking_first_publishes_nothing(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A dry run says who would be told, and nobody is."""
    answer = as_home(lambda client: client.validate(report()))

    assert answer["told"] == []
    assert hub.published == []


@pytest.mark.parametrize("bent", ["..", "../admin", "a/b", "a?b", "", "%2e%2e"])
def test_an_id_cannot_lead_to_another_path(hub: InMemoryHub, as_home: Play, bent: str) -> None:
    """An id that came from elsewhere is refused before anything is asked of the hub."""
    with pytest.raises(ValueError, match="an id in a path"):
        as_home(lambda client: client.entry(bent))

    assert hub.authority.issued == 0


def test_without_scopes_the_agency_asks_for_what_it_has_been_granted(hub: InMemoryHub) -> None:
    """RFC 6749 leaves the choice to the hub when the request names no scope."""
    sent: list[bytes] = []
    grant = hub.authority.grant

    def watched(body: bytes) -> httpx2.Response:
        sent.append(body)
        return grant(body)

    hub.authority.grant = watched

    async def story() -> None:
        async with HubClient(hub.url, hub.enrol(HOME), scopes=(), transport=hub, clock=hub.clock) as client:
            async for _ in client.disclosures():
                pass

    asyncio.run(story())

    assert len(sent) == 1
    assert b"scope" not in sent[0]
