"""What a terminal is sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.cli.speech import emit_json, emit_table, printable, say


@given(st.text())
def test_what_others_wrote_never_steers_the_terminal(text: str) -> None:
    """No control character of an agency's free text reaches the screen as one."""
    assert all(character.isprintable() or character == "\n" for character in printable(text))


def test_talk_and_data_go_separate_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """What is said is not in the pipe."""
    say("hello")
    emit_json({"a": "é\nb"})
    emit_table(("x", "y"), [("1", None), ("\x1b[31mred", ["a", "b"])])
    captured = capsys.readouterr()
    assert captured.err == "hello\n"
    first, *table = captured.out.splitlines()
    assert json.loads(first) == {"a": "é\nb"}
    assert "\x1b" not in captured.out
    assert [line.split() for line in table] == [["x", "y"], ["1", "-"], ["\\x1b[31mred", "a,", "b"]]
