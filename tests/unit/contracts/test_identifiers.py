"""Identifiers are optional everywhere, but a wrong one is worse than none."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.identifiers import UPN, check_nhs_number, check_upn, is_unique_id, pnc_check_letter_holds
from contracts.values import AreaCode, AuthorityNumber, OdsCode, OfstedUrn, PncId, Upn


def test_a_right_nhs_number_passes() -> None:
    """The example of the NHS Data Dictionary's check digit holds."""
    assert check_nhs_number("9434765919") == "9434765919"


@pytest.mark.parametrize("digits", ["9434765918", "9434765991", "0000000001"])
def test_a_mistyped_nhs_number_is_refused(digits: str) -> None:
    """A wrong or swapped digit is found, and the number is not repeated."""
    with pytest.raises(ValueError, match="check digit") as caught:
        check_nhs_number(digits)
    assert digits not in str(caught.value)


@pytest.mark.parametrize("last", "0123456789")
def test_a_number_whose_check_digit_would_be_ten_was_never_issued(last: str) -> None:
    """The weighted sum of 100000006 leaves a check digit of ten: no tenth digit makes it valid."""
    assert 11 - (1 * 10 + 6 * 2) % 11 == 11  # 100000006 has the check digit 0 …
    assert 11 - (1 * 10 + 1 * 2) % 11 == 10  # … and 100000001 would have ten
    with pytest.raises(ValueError, match="check digit"):
        check_nhs_number("100000001" + last)


def test_a_remainder_of_eleven_counts_as_nought() -> None:
    """100000006 0 is valid: eleven minus nought is written 0."""
    assert check_nhs_number("1000000060") == "1000000060"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("01JD6QK3Z8T0V5W2N4Y6B8C0D1", True),
        ("01jd6qk3z8t0v5w2n4y6b8c0d1", False),
        ("81JD6QK3Z8T0V5W2N4Y6B8C0D1", False),
        ("01JD6QK3Z8T0V5W2N4Y6B8C0DU", False),
        ("01JD6QK3Z8T0V5W2N4Y6B8C0D1\n", False),
        ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", True),
        ("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", True),
        ("a0eebc999c0b4ef8bb6d6bb9bd380a11", False),
        ("EX-0001", False),
    ],
)
def test_ids_are_upper_case_ulids_or_uuids(text: str, right: bool) -> None:
    """An id is one of two forms that carry no personal reference; a ULID has one spelling, so that ids compare."""
    assert is_unique_id(text) is right


def wrong_digits(identifier: str) -> list[str]:
    """Every text in which one digit of the identifier is another digit."""
    return [
        identifier[:place] + other + identifier[place + 1 :]
        for place, sign in enumerate(identifier)
        if sign.isdigit()
        for other in "0123456789"
        if other != sign
    ]


@pytest.mark.parametrize("number", ["9434765919", "1000000060"])
def test_every_mistyped_digit_of_an_nhs_number_is_found(number: str) -> None:
    """Ninety ways to mistype one digit, and not one passes."""
    wrong = wrong_digits(number)
    assert len(wrong) == 90
    for each in wrong:
        with pytest.raises(ValueError, match="check digit"):
            check_nhs_number(each)


@pytest.mark.parametrize("upn", ["H801200001001", "A000000000000", "H80120000100B"])
def test_a_right_upn_passes(upn: str) -> None:
    """The DfE guide's own example, all noughts, and a temporary number whose last letter B counts as one."""
    assert re.fullmatch(UPN, upn)
    assert check_upn(upn) == upn


@pytest.mark.parametrize("upn", ["H801200001001", "A000000000000", "H80120000100B"])
def test_every_mistyped_digit_of_a_upn_is_found(upn: str) -> None:
    """Weights of 2 to 13 modulo a prime: one wrong digit always changes the letter."""
    wrong = wrong_digits(upn)
    assert len(wrong) in (99, 108)
    for each in wrong:
        with pytest.raises(ValueError, match="check letter") as caught:
            check_upn(each)
        assert each not in str(caught.value)


def test_every_mistyped_letter_of_a_upn_is_found() -> None:
    """Of all the letters only one fits, whether it stands first or, in a temporary number, last."""
    for letter in set("ABCDEFGHJKLMNPQRTUVWXYZ") - {"H"}:
        with pytest.raises(ValueError, match="check letter"):
            check_upn(letter + "801200001001")
    for letter in set("ABCDEFGHJKLMNPQRTUVWXYZ") - {"B"}:
        with pytest.raises(ValueError, match="check letter"):
            check_upn("H80120000100" + letter)


def test_a_pnc_id_is_remarked_on_and_never_refused() -> None:
    """A letter that does not fit is said; the form with two digits of the year and fewer of the number is read too."""
    assert pnc_check_letter_holds("2003/0062845E")
    assert pnc_check_letter_holds("03/62845E")
    assert not any(pnc_check_letter_holds(each) for each in wrong_digits("03/0062845E"))
    assert not pnc_check_letter_holds("2003/0062845")
    assert not pnc_check_letter_holds("by the harbour")


@pytest.mark.parametrize(
    ("value", "right", "wrong"),
    [
        (Upn, ["H801200001001"], ["I801200001001", "H80120000100", "h801200001001", "H8012000010012", "H80120000100S"]),
        (PncId, ["2003/0062845E", "03/62845", "2003/62845Z"], ["2003-0062845E", "2003/00628450E", "203/1"]),
        (OfstedUrn, ["1234567", "SC123456", "123456"], ["SC12345", "12345678", "sc123456"]),
        (OdsCode, ["RX1", "X26", "A81001"], ["r1x", "RX", "RX 1"]),
        (AuthorityNumber, ["301", "938"], ["30", "3011", "E06"]),
        (AreaCode, ["E06000999", "W15000099", "S12000099", "N09000099"], ["E0600099", "X06000999", "e06000999"]),
    ],
    ids=["upn", "pnc", "urn", "ods", "authority", "area"],
)
def test_each_identifier_has_its_shape(value: object, right: list[str], wrong: list[str]) -> None:
    """What is certain of an identifier's form is held to; a text of another form was meant for another field."""
    adapter = TypeAdapter(value)
    for each in right:
        assert adapter.validate_python(each) == each
    for each in wrong:
        with pytest.raises(ValidationError):
            adapter.validate_python(each)


def test_a_upn_with_a_wrong_letter_is_refused_as_a_value() -> None:
    """The field's type counts the letter, not only the form."""
    with pytest.raises(ValidationError, match="check letter"):
        TypeAdapter(Upn).validate_python("A801200001001")
