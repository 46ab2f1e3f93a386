"""What stands in place of a value."""

from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from broker.sharing.pseudonym import pseudonym
from broker.sharing.transforms import MASK, ORDER, RELEASE, WITHHOLD, Scope, Setting, restrictiveness, transformation
from contracts.protocol import Transform
from contracts.values import Kind
from tests.unit.sharing.partnership import KEY

SETTING = Setting("harbour-house", date(2026, 11, 22), KEY)
SPAN = {"earliest": "2026-11-22T18:30:00Z", "latest": "2026-11-22T21:05:59.5Z"}
SCOPE = Scope("child.name", "night", "1")


def made(kind: Kind, transform: Transform, value: Any) -> Any:
    return transformation(kind, transform)(value, SETTING, SCOPE)


@pytest.mark.parametrize(
    ("kind", "transform", "value", "stands"),
    [
        (Kind.NAME, Transform.INITIALS, "Ada Test-Child", "A. T."),
        (Kind.NAME, Transform.INITIALS, "  élan  o'invented ", "É. O."),
        (Kind.NAME, Transform.INITIALS, "---", MASK),
        (Kind.DATE, Transform.YEAR, "2012-03-04", "2012"),
        (Kind.INSTANT, Transform.HOUR, "2026-11-22T21:40:59.123Z", "2026-11-22T21:00:00Z"),
        (Kind.INSTANT, Transform.YEAR, "2026-11-22T21:40:59Z", "2026"),
        (Kind.INSTANT, Transform.HOUR, "half past nine", MASK),
        (Kind.SPAN, Transform.HOUR, SPAN, {"earliest": "2026-11-22T18:00:00Z", "latest": "2026-11-22T21:00:00Z"}),
        (Kind.SPAN, Transform.YEAR, SPAN, {"earliest": "2026", "latest": "2026"}),
        (Kind.SPAN, Transform.MASK, SPAN, {"earliest": MASK, "latest": MASK}),
        (Kind.SPAN, Transform.HOUR, {**SPAN, "latest": "late"}, {"earliest": "2026-11-22T18:00:00Z", "latest": MASK}),
        (Kind.SPAN, Transform.YEAR, "some time in the evening", {"earliest": MASK, "latest": MASK}),
        (Kind.POSTCODE, Transform.OUTWARD_POSTCODE, "NM1 4ST", "NM1"),
        (Kind.POSTCODE, Transform.OUTWARD_POSTCODE, "NM1A 4ST", "NM1A"),
        (Kind.TEXT, Transform.MASK, "wearing a red coat", MASK),
        (Kind.NARRATIVE, Transform.MASK, {"text": "x", "contains": ["health"], "basis": "fact"}, {"text": MASK}),
        (Kind.PLACE, Transform.MASK, {"words": "behind the shops", "area": "E08000001"}, {"words": MASK}),
    ],
)
def test_a_value_becomes(kind: Kind, transform: Transform, value: Any, stands: Any) -> None:
    """Each transform gives what its name says, and what it cannot read it masks."""
    assert made(kind, transform, value) == stands


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2026-11-22", "0"),
        ("2025-11-23", "0"),
        ("2025-11-22", "1-4"),
        ("2021-11-23", "1-4"),
        ("2021-11-22", "5-9"),
        ("2016-11-22", "10-15"),
        ("2010-11-23", "10-15"),
        ("2010-11-22", "16+"),
        ("2026-11-23", MASK),
        ("not a day", MASK),
    ],
)
def test_age_bands_turn_on_the_birthday(born: str, band: str) -> None:
    """The bands of the national statistics, counted in whole years on the London day."""
    assert made(Kind.DATE, Transform.AGE_BAND, born) == band


def test_a_coarse_location_has_nothing_by_which_a_door_could_be_found() -> None:
    """Words, property number, point and the inward half of the postcode are gone."""
    place = {
        "words": "flat above the shop",
        "postcode": "NM1 4ST",
        "uprn": "123",
        "point": {"latitude": 1.0, "longitude": 2.0},
        "area": "E08000001",
    }
    coarse = made(Kind.PLACE, Transform.COARSE_LOCATION, place)
    assert coarse == {"outward_postcode": "NM1", "area": "E08000001"}
    assert made(Kind.PLACE, Transform.COARSE_LOCATION, {"words": "flat above the shop", "uprn": "123"}) is None


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_mask_says_nothing_of_what_it_hides(one: str, other: str) -> None:
    """Two values, of whatever lengths, have the same mask."""
    assert made(Kind.TEXT, Transform.MASK, one) == made(Kind.TEXT, Transform.MASK, other)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("transform", list(Transform))
def test_every_transform_lies_between_release_and_withholding(kind: Kind, transform: Transform) -> None:
    """A transform that applies is stricter than release; one that does not is as strict as withholding."""
    rank = restrictiveness(kind, transform)
    if transform in ORDER.get(kind, ()):
        assert RELEASE < rank < WITHHOLD
        assert rank <= restrictiveness(kind, Transform.MASK) < WITHHOLD
    else:
        assert rank == WITHHOLD
        with pytest.raises(KeyError):
            transformation(kind, transform)


PARTS = {"recipient": "harbour-house", "protocol": "night", "field": "child.name", "epoch": "1"}


def test_a_pseudonym_is_an_hmac_under_a_derived_key() -> None:
    """An independent HKDF and HMAC give the same pseudonym."""
    info = b"harbour-house\0night\0child.name\x001"
    derived = HKDF(SHA256(), 32, salt=None, info=info).derive(KEY)
    mac = HMAC(derived, SHA256())
    mac.update(b"Ada Test")
    text = pseudonym(KEY, **PARTS, value="Ada Test")
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    bits = "".join(f"{alphabet.index(sign):05b}" for sign in text)
    assert int(bits, 2).to_bytes(10, "big") == mac.finalize()[:10]


@pytest.mark.parametrize("part", [*PARTS, "value"])
def test_pseudonyms_cannot_be_joined(part: str) -> None:
    """Another recipient, protocol, field, epoch or value has another pseudonym; the same has the same."""
    same = {**PARTS, "value": "Ada Test"}
    assert pseudonym(KEY, **same) == pseudonym(KEY, **same)
    assert pseudonym(KEY, **same) != pseudonym(KEY, **{**same, part: same[part] + "2"})
    assert pseudonym(KEY, **same) != pseudonym(bytes(32), **same)


def test_a_pseudonym_needs_a_key() -> None:
    """Without a master key there is no pseudonym, rather than one that anybody could compute."""
    with pytest.raises(ValueError, match="master key"):
        pseudonym(b"", **PARTS, value="Ada Test")
