"""Client assertions: by a signed JWT an agency proves that it holds its registered key (RFC 7523)."""

import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from contracts.agency import Agency

MAX_AHEAD = 300
"""Seconds that an assertion may live."""
LEEWAY = 60
"""Seconds by which two machines' clocks may differ."""
MAX_ASSERTION_BYTES = 8192
MIN_RSA_BITS = 2048
ALGORITHMS = ("EdDSA", "Ed25519", "ES256", "PS256", "RS256")
_MAX_ID = 256
UNPROVEN = (
    "no registered key of such an agency verifies the assertion: sign with one of "
    f"{', '.join(ALGORITHMS)} and give the key's kid in the header"
)
"""Said alike of an unknown agency and of a wrong key."""


class _Allowed(jws.JWSRegistry):
    """Takes the algorithms of one key. EdDSA, the name that RFC 9864 retires, is what most clients still send."""

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError("this key is not used with this algorithm")
        return self.algorithms[name]


class InvalidAssertion(Exception):
    """The assertion proves nothing. The sentence says why and carries nothing of it."""


@dataclass(frozen=True)
class Assertion:
    """What a valid assertion says. Times in Unix seconds."""

    agency: str
    id: str
    expires: float


def claimed_agency(text: str) -> str:
    """Return the issuer that an assertion claims, unverified, to find its keys; InvalidAssertion if unreadable."""
    if len(text) > MAX_ASSERTION_BYTES or text.count(".") != 2:  # noqa: PLR2004 (header.payload.signature)
        raise InvalidAssertion("the client assertion is not a signed JWT")
    try:
        claims = json.loads(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError, RecursionError):
        raise InvalidAssertion("the client assertion is not a signed JWT") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise InvalidAssertion("iss and sub of the assertion are the agency's id")
    return issuer


def verify_assertion(text: str, agency: Agency, audiences: frozenset[str], now: float) -> Assertion:
    """Check signature, audience and times of an assertion of this agency; InvalidAssertion otherwise.

    Whether it is used for the first time is the caller's to find out.
    """
    claims = _signed_claims(text, agency)
    if claims.get("iss") != agency.id or claims.get("sub") != agency.id:
        raise InvalidAssertion("iss and sub of the assertion are the agency's id")
    given = claims.get("aud")
    audience = given if isinstance(given, list) else [given]
    if len(audience) != 1 or audience[0] not in audiences:
        raise InvalidAssertion("aud of the assertion is the token endpoint's URL or the issuer, and nothing else")
    expires = _time(claims, "exp", required=True)
    if expires + LEEWAY <= now:
        raise InvalidAssertion("the assertion has expired: check the clock of your machine")
    if expires > now + MAX_AHEAD + LEEWAY:
        raise InvalidAssertion("exp of the assertion is at most five minutes ahead")
    for name in ("iat", "nbf"):
        moment = _time(claims, name, required=False)
        if moment > now + LEEWAY:
            raise InvalidAssertion(f"{name} of the assertion lies in the future: check the clock of your machine")
    assertion_id = claims.get("jti")
    if not isinstance(assertion_id, str) or not 0 < len(assertion_id) <= _MAX_ID:
        raise InvalidAssertion("jti of the assertion is a text of 1 to 256 characters, used once")
    return Assertion(agency.id, assertion_id, expires + LEEWAY)


def _signed_claims(text: str, agency: Agency) -> dict[str, Any]:
    header = jws.extract_compact(text.encode()).headers()
    wanted = header.get("kid")
    for jwk in agency.keys:
        if wanted is not None and jwk.get("kid") != wanted:
            continue
        if jwk.get("use", "sig") != "sig":
            continue
        try:
            key, algorithms = signing_key(jwk)
            if header.get("alg") in algorithms:
                return dict(jwt.decode(text, key, registry=_Allowed(algorithms=algorithms)).claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    raise InvalidAssertion(UNPROVEN)


def signing_key(jwk: dict[str, str]) -> tuple[Key, tuple[str, ...]]:
    """Read a public JWK and say which algorithms it may be used with; ValueError for a key that is not taken.

    The algorithm follows from the key, never from the sender's header alone.
    """
    kind = (jwk.get("kty"), jwk.get("crv"))
    public = {name: value for name, value in jwk.items() if name != "d"}
    if kind == ("OKP", "Ed25519"):
        return OKPKey.import_key(dict(public)), ("EdDSA", "Ed25519")
    if kind == ("EC", "P-256"):
        return ECKey.import_key(dict(public)), ("ES256",)
    if jwk.get("kty") == "RSA":
        key = RSAKey.import_key(dict(public))
        if key.public_key.key_size < MIN_RSA_BITS:
            raise ValueError("an RSA key has at least 2048 bits")
        return key, ("PS256", "RS256")
    raise ValueError("a signing key is Ed25519, P-256 or RSA")


def _time(claims: dict[str, Any], name: str, *, required: bool) -> float:
    value = claims.get(name)
    if value is None and not required:
        return float("-inf")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidAssertion(f"{name} of the assertion is a number of seconds since 1970")
    return float(value)
