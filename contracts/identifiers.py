"""Check digits and shapes of the identifiers that agencies use. All are optional in every contract.

A shape is as strict as its source is certain. Where the form is not confirmed (a PNC id, an Ofsted URN of an older
register) the shape is wide and a check letter only remarks: an identifier that the hub does not know never blocks a
report.
"""

import re

ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UNIQUE_ID = f"^({ULID}|{UUID})$"

UPN = r"^[A-HJ-NP-RT-Z]([0-9]{12}|[0-9]{11}[A-HJ-NP-RT-Z])$"
"""Unique pupil number: check letter and twelve digits, the last a letter where the number is temporary (DfE guide)."""
PNC_ID = r"^([0-9]{2}|[0-9]{4})/[0-9]{1,7}[A-Z]?$"
"""Police National Computer id: year, serial number, check letter; two-digit years and a missing letter are taken."""
OFSTED_URN = r"^(SC)?[0-9]{6,7}$"
"""Ofsted unique reference number: seven digits; SC and six digits in the older register of social care."""
UPRN = r"^[0-9]{1,12}$"
"""Unique property reference number (GeoPlace)."""
ODS_CODE = r"^[A-Z0-9]{3,12}$"
"""NHS Organisation Data Service code."""
DFE_AUTHORITY = r"^[0-9]{3}$"
"""Department for Education number of a local authority in England."""
GSS_CODE = r"^[EWSN][0-9]{8}$"
"""Government Statistical Service code of an area: country letter, two digits of the kind of area, six of its own."""

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


_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def check_upn(upn: str) -> str:
    """Return a unique pupil number of the right shape if its check letter holds; ValueError otherwise.

    Source: DfE, Unique pupil numbers, a guide for schools and local authorities: the twelve characters after the letter
    are weighted 2 to 13, the sum is taken modulo 23; a temporary number's final letter counts as its place in the
    alphabet of check letters.
    """
    total = sum(_upn_value(sign) * weight for weight, sign in enumerate(upn[1:], start=2))
    if _UPN_LETTERS[total % 23] != upn[0]:
        raise ValueError("the check letter of this pupil number does not hold: leave the number out if it is not known")
    return upn


def _upn_value(sign: str) -> int:
    return int(sign) if sign.isdigit() else _UPN_LETTERS.index(sign)


_PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_WHOLE_PNC_ID = re.compile(r"(?:[0-9]{2})?([0-9]{2})/([0-9]{1,7})([A-Z])")


def pnc_check_letter_holds(pnc_id: str) -> bool:
    """Say whether a PNC id has a check letter that fits: two digits of the year and seven of the number, modulo 23.

    Unconfirmed by a published standard, so no event is refused for it.
    """
    whole = _WHOLE_PNC_ID.fullmatch(pnc_id)
    if whole is None:
        return False
    year, serial, letter = whole.groups()
    return _PNC_LETTERS[int(year + serial.zfill(7)) % 23] == letter
