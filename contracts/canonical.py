"""Canonical JSON (RFC 8785) and base64url (RFC 4648 §5): the bytes that commitments and signatures are taken over."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from binascii import b2a_base64
from typing import Any, cast

import rfc8785
from pydantic import JsonValue


class NotCanonicalError(ValueError):
    """The value or text is not what RFC 8785 or RFC 4648 §5 can carry. The message never holds any of it."""


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of a JSON value.

    Raises NotCanonicalError for anything that is not I-JSON: other types, names that are not text, NaN, infinities,
    integers beyond 2^53 - 1, lone surrogates, nesting too deep to walk.
    """
    try:
        return rfc8785.dumps(cast("Any", value))
    except (ValueError, RecursionError):
        # The cause is dropped on purpose: its text quotes the offending number.
        raise NotCanonicalError(
            "not JSON that RFC 8785 can carry: use objects with text names, lists, text, true, false, null, "
            "finite numbers and integers within ±(2^53 - 1)"
        ) from None


def parse_json(data: bytes) -> JsonValue:
    """One JSON value from UTF-8 bytes.

    Stricter than `json.loads`: an object that names a member twice means different things to different readers, so it
    is refused, as are NaN and Infinity. Raises NotCanonicalError.
    """
    try:
        value: JsonValue = json.loads(data.decode(), object_pairs_hook=_members, parse_constant=_refuse_constant)
    except NotCanonicalError:
        raise
    except (ValueError, RecursionError):
        raise NotCanonicalError("not JSON in UTF-8") from None
    return value


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648 §5)."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    """The inverse of `b64url`, and of nothing else.

    One byte string has one text: padding, blanks, the other alphabet and stray trailing bits raise NotCanonicalError.
    """
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        data = None
    if data is None or b64url(data) != text:
        raise NotCanonicalError("not unpadded base64url")
    return data


def _members(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotCanonicalError("an object names one member twice")
    return members


def _refuse_constant(_name: str) -> None:
    raise NotCanonicalError("NaN and Infinity are not JSON")
