"""How an event stands in a message: by the bindings' own words, for every door alike."""

import pytest

from broker.web.content_modes import BATCH, STRUCTURED, MediaType, Mode, attribute_of, binary_event, mode_of
from broker.web.problems import Problem

NOTHING = frozenset()


@pytest.mark.parametrize(
    ("content_type", "names", "mode"),
    [
        (STRUCTURED, [], Mode.STRUCTURED),
        ("Application/CloudEvents+JSON; charset=UTF-8", [], Mode.STRUCTURED),
        (f'{STRUCTURED} ; charset="utf-8"; profile="a;b"', [], Mode.STRUCTURED),
        (STRUCTURED, ["ce-id", "ce-specversion"], Mode.STRUCTURED),
        (BATCH, ["ce-id"], Mode.BATCH),
        ("application/json", ["ce-id"], Mode.BINARY),
        ("application/json; charset=utf-8; version=1", ["ce-specversion"], Mode.BINARY),
        ("", ["ce-odd"], Mode.BINARY),
        ("application/json", ["content-type", "cex-id"], None),
        ("text/plain", [], None),
        ("", [], None),
    ],
)
def test_the_content_type_says_the_mode_and_else_any_attribute_does(content_type, names, mode):
    """Structured and batch are named, whatever headers stand beside; attributes without either are binary."""
    assert mode_of(content_type, names) is mode


@pytest.mark.parametrize(
    ("content_type", "names"),
    [
        ("application/cloudevents+xml", []),
        ("application/cloudevents", []),
        ("application/cloudevents-batch+protobuf", []),
        (f"{STRUCTURED}; charset=latin-1", []),
        (f"{BATCH}; charset=utf-16", []),
        ("text/plain", ["ce-id"]),
        ("application/json; charset=iso-8859-1", ["ce-id"]),
        ("application/json;;charset", ["ce-id"]),
        ("json", ["ce-id"]),
    ],
)
def test_what_is_not_taken_is_said(content_type, names):
    """Another event format, data that is no JSON, characters that are not UTF-8: refused, with what is taken."""
    with pytest.raises(Problem) as caught:
        mode_of(content_type, names)
    assert caught.value.slug == "unsupported-media-type"
    assert STRUCTURED in caught.value.detail


def test_media_types_are_read_as_the_standard_writes_them():
    """Case and blanks do not count, a quoted charset is one, and a text that is no media type has no name."""
    assert MediaType.parse(' Application/JSON;Charset="UTF-8" ') == MediaType("application/json", is_utf_8=True)
    assert MediaType.parse("application/json; charset=utf-8; charset=latin-1").is_utf_8 is False
    for text in ("", "application", "application/json; =", 'application/json; a="', "application/json, text/plain"):
        assert MediaType.parse(text).name == ""


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("Euro%20%e2%82%ac", "Euro €"),
        ("%41%42", "AB"),
        ("100%25", "100%"),
        ("%2541", "%41"),
        ("a+b", "a+b"),
        (" spaced \t", "spaced"),
        ('"Euro \\"one\\" %E2%82%AC"', 'Euro "one" €'),
        ('"a\\\\b"', "a\\b"),
        ('""', ""),
        ('a"b', 'a"b'),
        ("%00", "\x00"),
        ("100%", "100%"),
    ],
)
def test_header_values_are_unquoted_and_then_decoded_once(header, attribute):
    """The binding's own example, needless encoding, quoting of older versions; what is decoded is not decoded again."""
    assert attribute_of(header) == attribute


@pytest.mark.parametrize("header", ["%C0%A0", "%FF", "%ED%A0%80", "€", "Zoë", '"open', '"closed\\"', '"a" b'])
def test_what_is_no_utf_8_is_refused(header):
    """An overlong form, half a surrogate pair, raw bytes beyond ASCII, a quotation that does not end."""
    with pytest.raises(Problem) as caught:
        attribute_of(header)
    assert caught.value.slug == "invalid-attribute"


def test_a_binary_event_has_what_its_headers_say():
    """Every attribute has a header; the message is the data; other headers are nobody's attributes."""
    headers = [
        ("ce-specversion", "1.0"),
        ("ce-odd", "7"),
        ("host", "hub.example"),
        ("content-type", "application/json"),
    ]
    event = binary_event(headers, {"a": 1}, reserved=NOTHING)
    assert event == {"datacontenttype": "application/json", "specversion": "1.0", "odd": "7", "data": {"a": 1}}


@pytest.mark.parametrize(
    "headers",
    [
        [("ce-id", "a"), ("ce-id", "b")],
        [("ce-id", "a"), ("ce-id", "a")],
        [("ce-data", "{}")],
        [("ce-data_base64", "e30=")],
        [("ce-", "x")],
        [("ce-datacontenttype", "application/json")],
    ],
)
def test_a_header_that_may_not_be_is_refused(headers):
    """Twice the same attribute, data in a header, a header without a name, and what the binding carries elsewhere."""
    with pytest.raises(Problem) as caught:
        binary_event(headers, {}, reserved=frozenset({"datacontenttype"}))
    assert caught.value.slug == "invalid-attribute"


def test_where_the_binding_has_a_header_for_it_the_content_type_is_an_attribute():
    """Over NATS the type of the data stands in a header like any other attribute."""
    event = binary_event([("ce-datacontenttype", "text/plain")], {}, reserved=NOTHING)
    assert event["datacontenttype"] == "text/plain"
