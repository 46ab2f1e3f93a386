"""Words arrive whole and in order however the system cuts them up, and what is no word ends the line."""

import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.scribe.line import Line


def framed(octets):
    return struct.pack("!i", len(octets)) + octets


def heard(pieces):
    words, ends = [], []
    line = Line(words.append, ends.append)
    for piece in pieces:
        line.data_received(piece)
    return words, ends


@given(st.lists(st.text() | st.binary() | st.lists(st.integers())), st.integers(1, 40))
def test_words_arrive_as_they_were_said(words, size):
    """In pieces of one octet or of many words."""
    octets = b"".join(framed(pickle.dumps(word)) for word in words)
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]
    assert heard(pieces) == (words, [])


@pytest.mark.parametrize("octets", [framed(b"no pickle"), framed(b""), struct.pack("!i", -1)])
def test_what_cannot_be_read_ends_the_line(octets):
    """Whatever comes behind it is not read: it may begin anywhere."""
    words, ends = heard([framed(pickle.dumps("first")) + octets + framed(pickle.dumps("behind"))])
    assert words == ["first"]
    assert len(ends) == 1
