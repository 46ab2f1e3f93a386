"""Who is let in over NATS: those whose credentials the hub signed, and nobody else."""

import asyncio
import time
from pathlib import Path

import pytest
from nats.errors import Error

from broker.nats import accounts, jwt
from broker.nats.nkey import Nkey, Role
from tests.nats_world import agency, keys, world

ATTACKER, VICTIM = agency("bright-path"), agency("harbour-house")


def test_nobody_comes_in_without_the_hubs_signature(tmp_path: Path) -> None:
    """No credentials, another operator's, an identity key's, or a user's own signature: none is let in."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(ATTACKER, VICTIM)
            assert await one.enters(ATTACKER)
            ours, now = one.place.keys, int(time.time())
            account = ours.agency(VICTIM)
            identity = Nkey.of_bytes(Role.ACCOUNT, ours.secret(f"nats/account/agency/{VICTIM.id}"))
            assert identity.public == account.public
            own_user = ours.user(ours.agency(ATTACKER), ours.agency(ATTACKER).signing[0])
            claims = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "issuer_account": account.public}
            for signer in (identity, own_user, ours.agency(ATTACKER).signing[0]):
                forged = jwt.encode("user", "forged", own_user.public, signer, now, claims)
                assert not await one.enters(jwt.creds(forged, own_user))
            assert not await one.enters(accounts.agency_creds(keys(), VICTIM, now))
            with pytest.raises((Error, OSError)):
                await one.visit(VICTIM, user_credentials=None)

    asyncio.run(story())


def test_the_credentials_text_is_what_a_client_reads(tmp_path: Path) -> None:
    """A `.creds` file on disk lets an agency in, by the ordinary way of the client."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(VICTIM)
            file = tmp_path / "harbour-house.creds"
            file.write_text(one.place.agency_credentials(VICTIM))
            await one.visit(VICTIM, user_credentials=str(file))

    asyncio.run(story())
