"""Keys: PEM or JWK, Ed25519 or P-256, each proves the agency to the hub; anything else is refused in plain words."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.sdk import Credentials, HubClient, UnusableKey
from adapters.sdk.testing import InMemoryHub

AGENCY = "northmere-police"


def _pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text",
    [
        _pem(ed25519.Ed25519PrivateKey.generate()),
        _pem(ec.generate_private_key(ec.SECP256R1())),
        Credentials.generate(AGENCY).private_jwk(),
    ],
    ids=["Ed25519 PEM", "P-256 PEM", "Ed25519 JWK"],
)
def test_each_form_of_key_gets_a_token(hub: InMemoryHub, text: str) -> None:
    """A force brings the key that it has, and the hub gives it a token."""
    credentials = Credentials.from_text(AGENCY, text)
    hub.authority.enrol(credentials)

    async def story() -> None:
        async with HubClient(hub.url, credentials, transport=hub, clock=hub.clock) as client:
            await client.inbox()

    asyncio.run(story())

    assert hub.authority.issued == 1


@pytest.mark.parametrize(
    "text",
    [
        _pem(rsa.generate_private_key(65537, 2048)),
        _pem(ec.generate_private_key(ec.SECP384R1())),
        '{"kty": "OKP", "crv": "Ed25519"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}',
        '{"kty": "oct", "k": "secret-canary"}',
        "{secret-canary",
        "secret-canary",
        '{"kty": ["secret-canary"]}',
        "[1]",
    ],
    ids=["RSA", "P-384", "empty JWK", "public JWK", "symmetric", "broken JSON", "not a key", "odd kty", "list"],
)
def test_an_unfit_key_is_refused_without_being_quoted(text: str) -> None:
    """The wrong file on a new machine gives an error that says what is needed and shows nothing of the file."""
    with pytest.raises(UnusableKey) as caught:
        Credentials.from_text(AGENCY, text)

    assert "canary" not in str(caught.value)


def test_the_private_key_does_not_show() -> None:
    """Credentials printed by mistake print the agency alone."""
    assert repr(Credentials.generate(AGENCY)) == f"Credentials(agency='{AGENCY}')"


def test_another_agencys_key_gets_no_token(hub: InMemoryHub) -> None:
    """A key that is not the registered one proves nothing."""
    hub.enrol(AGENCY)
    impostor = Credentials.generate(AGENCY)

    async def story() -> None:
        async with HubClient(hub.url, impostor, transport=hub, clock=hub.clock) as client:
            await client.inbox()

    with pytest.raises(Exception, match="401 invalid_client"):
        asyncio.run(story())
    assert hub.authority.issued == 0
