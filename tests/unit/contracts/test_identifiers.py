"""Identifiers are optional everywhere, but a wrong one is worse than none."""

import pytest

from contracts.identifiers import check_nhs_number, is_unique_id


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
