"""Names of tiles: the standard's own examples, and nothing that only looks like a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.tiles import Tile, tiles_of
from contracts.transparency import MalformedError


def test_the_examples_of_the_standard() -> None:
    """Index 1234067 is x001/x234/067; a tree of 70,000 has the tiles that C2SP tlog-tiles lists."""
    assert Tile(0, 1234067).path() == "0/x001/x234/067"
    assert Tile(0, 273, 112).path() == "0/273.p/112"
    tiles = list(tiles_of(70_000))
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_paths_there_and_back(level: int, index: int, width: int) -> None:
    """Each tile has one path."""
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "0/x000/001",
        "0/001/002",
        "0/x001",
        "0/x01/002",
        "00/001",
        "64/001",
        "-1/001",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/01",
        "0/001.p/",
        "0/001.p/1/",
        "0/001.p/1.p/1",
        "0/001/",
        "/0/001",
        "0/x001/../067",
        "0/\u0660\u0660\u0661",
        "0/001\n",
        "entries/000",
        "0/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_what_is_no_path_of_a_tile(path: str) -> None:
    """Whatever a client asks for, it is a tile's one name or a clear error."""
    with pytest.raises(MalformedError):
        Tile.parse(path)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)]
)
def test_numbers_out_of_range(level: int, index: int, width: int) -> None:
    """A tile outside the standard's ranges cannot be made."""
    with pytest.raises(MalformedError):
        Tile(level, index, width)
