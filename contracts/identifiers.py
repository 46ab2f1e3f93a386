"""Check digits and shapes of the identifiers that agencies use. All are optional in every contract."""

import re

ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UNIQUE_ID = f"^({ULID}|{UUID})$"

_UNIQUE_ID = re.compile(UNIQUE_ID)


def is_unique_id(text: str) -> bool:
    """Say whether the text is a ULID (Crockford base 32, upper case) or a UUID (RFC 9562)."""
    return _UNIQUE_ID.fullmatch(text) is not None


def check_nhs_number(digits: str) -> str:
    """Return the ten digits if their check digit holds; ValueError otherwise.

    Source: NHS Data Dictionary, NHS NUMBER: weights 10 to 2, 11 minus the sum modulo 11; 11 counts as 0, 10 is invalid.
    """
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    if check == 10 or check != int(digits[9]):  # noqa: PLR2004 (the standard's own number)
        raise ValueError("the check digit of this NHS number does not hold: leave the number out if it is not known")
    return digits
