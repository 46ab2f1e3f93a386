"""A mapping that could go wrong at three in the morning is refused when it is written, with the place."""

import json

import pytest

from tests.unit.adapters.mapping.conftest import CHILD, OPENED, document, faults

FIELD = "/events/0/fields/0"
AT = {"to": "last_seen.at", "column": "Seen"}
RISK = {"to": "risk.level", "column": "Worry"}
FLAG = {"to": "protected_whereabouts", "column": "Secret"}
STORY = {"to": "circumstances", "column": "Story"}


@pytest.mark.parametrize(
    ("rule", "pointer", "word"),
    [
        (CHILD | {"to": "child.shoe_size"}, f"{FIELD}/to", "no such field"),
        (CHILD | {"to": "child"}, f"{FIELD}/to", "no single value"),
        (CHILD | {"to": "last_seen.place"}, f"{FIELD}/to", "no single value"),
        (CHILD | {"to": "involved.agency"}, f"{FIELD}/to", "by number"),
        (CHILD | {"to": "child[0].name"}, f"{FIELD}/to", "by number"),
        (CHILD | {"to": "child..name"}, f"{FIELD}/to", "no such field"),
        (CHILD | {"constant": "EX-1"}, FIELD, "either column or constant"),
        ({"to": "child.name"}, FIELD, "either column or constant"),
        (RISK | {"codes": {"amber": "amber"}}, f"{FIELD}/codes", "high, low, medium, very_low"),
        (RISK | {"codes": {"amber": True}}, f"{FIELD}/codes", "one of"),
        (RISK | {"codes": {" amber": "low"}}, f"{FIELD}/codes", "trimmed"),
        (RISK | {"codes": {"Low": "low", "low": "low"}, "ignore_case": True}, f"{FIELD}/codes", "the same"),
        (RISK | {"otherwise": True}, f"{FIELD}/otherwise", "never guessed"),
        ({"to": "risk.level", "constant": "amber"}, f"{FIELD}/constant", "one of"),
        (FLAG, FIELD, "true and false"),
        (FLAG | {"codes": {"Y": "true"}}, f"{FIELD}/codes", "true or false"),
        (AT | {"format": "%d/%m/%Y"}, FIELD, "time_of_day"),
        (AT | {"format": "%d/%m/%Y %H:%M", "time_of_day": "09:00"}, FIELD, "a time already"),
        (AT | {"format": "%d/%m/%y %H:%M"}, f"{FIELD}/format", "%Y"),
        (AT | {"format": "%d %b %Y %H:%M"}, f"{FIELD}/format", "%Y"),
        (AT | {"format": "%H:%M"}, f"{FIELD}/format", "%Y"),
        (CHILD | {"format": "%d/%m/%Y"}, f"{FIELD}/format", "days and moments"),
        (CHILD | {"contains": ["health"]}, f"{FIELD}/contains", "account"),
        (STORY | {"codes": {"a": "b"}}, f"{FIELD}/codes", "no codes"),
        (STORY | {"contains": ["gossip"]}, f"{FIELD}/contains/0", "not what a mapping has"),
        (CHILD | {"colour": "red"}, f"{FIELD}/colour", "no such member"),
    ],
)
def test_a_wrong_rule_is_named(rule, pointer, word):
    """Each rule is held against the contract before a single row is read."""
    found = faults(document(rule))
    assert list(found) == [pointer]
    assert word in found[pointer]


@pytest.mark.parametrize(
    ("content", "pointer", "word"),
    [
        (document(CHILD, zone="Europe/Atlantis"), "/zone", "no such time zone"),
        (document(CHILD, ignored={"Child": "no"}), "/ignored", "one place"),
        (document(CHILD, event_type="concordat.child.lost.v1"), "/events/0/type", "no such event type"),
        (document(CHILD, event_type="concordat.rhi.due.v1"), "/events/0/type", "no such event type"),
        (document(CHILD, CHILD), "/events/0/fields/1/to", "already"),
        (document(CHILD, version=0), "/version", "not what"),
        (document(CHILD, events=[]), "/events", "not what"),
        (document(AT | {"format": "%d/%m/%Y %H:%M"}, zone=None), FIELD, "zone"),
        (
            document(CHILD, pass_over=[{"when": [{"column": "A"}], "because": "b"}]),
            "/pass_over/0/when/0",
            "is, with the texts, or filled",
        ),
        (b'{"mapping": "a", "mapping": "b"}', "", "no member stands twice"),
        (b"mapping: a", "", "not one JSON text"),
        (b" " * (1024 * 1024 + 1), "", "1 MiB"),
    ],
)
def test_a_wrong_document_is_named(content, pointer, word):
    """What is wrong with the document as a whole has its place too."""
    found = faults(content)
    assert list(found) == [pointer]
    assert word in found[pointer]


def test_every_fault_is_named_at_once():
    """Whoever writes a mapping mends it in one round."""
    content = document(RISK | {"codes": {"amber": "amber"}}, FLAG, CHILD | {"to": "child.shoe_size"})
    content["events"].append({"type": OPENED, "fields": [{"to": "child.name"}]})
    assert list(faults(json.loads(json.dumps(content)))) == [
        "/events/0/fields/0/codes",
        "/events/0/fields/1",
        "/events/0/fields/2/to",
        "/events/1/fields/0",
    ]
