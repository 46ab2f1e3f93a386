"""A signature goes into a protocol's text, and nothing else of the text moves."""

import json

import pytest

from broker.cli.document_text import with_signature
from broker.cli.ended import Ended
from broker.cli.partnership import PROTOCOL_FILE
from broker.sharing.document import parse_protocol

TEXT = PROTOCOL_FILE.read_text(encoding="utf-8")
SIGNATURE = {"agency": "harbour-house", "key": "k" * 43, "signature": "s" * 86}
OTHER = {"agency": "northmere-police", "key": "p" * 43, "signature": "q" * 86}
BLOCK = "signatures:\n  - { agency: northmere-police, key: ppp, signature: qqq }\n"


@pytest.mark.parametrize(
    "tail",
    ["", "signatures: []\n", "signatures: [ ]  # none yet\n", BLOCK, BLOCK.replace("  -", "-"), "# the end"],
    ids=["none", "empty", "empty with a comment", "block", "block not indented", "no newline at the end"],
)
def test_a_signature_is_added_and_the_rest_stays(tail: str) -> None:
    """Comments, order and layout are the authors'; the signed content is what it was."""
    text = TEXT + tail
    signed = with_signature(text, SIGNATURE)
    before, after = parse_protocol(text).document, parse_protocol(signed).document
    assert SIGNATURE in after.pop("signatures")
    before.pop("signatures", None)
    assert after == before
    assert signed.startswith(TEXT)


def test_one_after_another_sign() -> None:
    """Each agency signs the document that the one before has signed."""
    signed = with_signature(with_signature(TEXT, SIGNATURE), OTHER)
    assert {one["agency"] for one in parse_protocol(signed).document["signatures"]} == {
        "harbour-house",
        "northmere-police",
    }


def test_a_text_that_cannot_be_extended_without_doubt_is_left_alone() -> None:
    """A document in an unusual form: the line to put in by hand is given instead."""
    flow = (
        "{" + ", ".join(f'"{name}": {json.dumps(value)}' for name, value in parse_protocol(TEXT).document.items()) + "}"
    )
    with pytest.raises(Ended, match="by hand"):
        with_signature(flow, SIGNATURE)
