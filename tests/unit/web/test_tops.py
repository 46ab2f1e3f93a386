"""Many feeds that wake at once look at the database together."""

import asyncio
from collections.abc import Collection

import pytest

from broker.ports.records import Position
from broker.web.tops import Tops


def test_a_crowd_looks_once_and_a_late_comer_looks_again() -> None:
    """Who asks while a look is under way is answered from the next: never from before it asked."""
    looks: list[set[str]] = []
    committed = 1

    async def story() -> list[Position]:
        nonlocal committed
        under_way, go_on = asyncio.Event(), asyncio.Event()

        async def look(agencies: Collection[str]) -> dict[str, Position]:
            looks.append(set(agencies))
            seen = committed
            under_way.set()
            await go_on.wait()
            return {agency: Position(1, seen) for agency in agencies}

        tops = Tops(look)
        crowd = [asyncio.create_task(tops.of(agency)) for agency in ("harbour-house", "bright-path", "harbour-house")]
        await under_way.wait()
        committed = 2
        late = asyncio.create_task(tops.of("harbour-house"))
        await asyncio.sleep(0)
        go_on.set()
        return [*await asyncio.gather(*crowd), await late]

    answers = asyncio.run(story())
    assert looks == [{"harbour-house", "bright-path"}, {"harbour-house"}]
    assert answers == [Position(1, 1)] * 3 + [Position(1, 2)]


def test_everybody_is_told_of_a_failure_and_the_next_look_is_a_new_one() -> None:
    """A database that was away for a moment does not stop feeds for good."""

    async def story() -> None:
        failing = True

        async def look(agencies: Collection[str]) -> dict[str, Position]:
            if failing:
                raise ConnectionError
            return {agency: Position(1, 7) for agency in agencies}

        tops = Tops(look)
        with pytest.raises(ConnectionError):
            await tops.of("harbour-house")
        failing = False
        assert await tops.of("harbour-house") == Position(1, 7)

    asyncio.run(story())
