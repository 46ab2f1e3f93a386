"""An agency's own NATS server, connected to the hub's as a leaf node of the agency's account."""

import asyncio
import subprocess
from pathlib import Path

import nats

from broker.nats.server import server_program
from tests.nats_world import PATIENCE, agency, until, world

HOME, POLICE = agency("harbour-house"), agency("northmere-police")


def test_an_agencys_own_server_reaches_what_the_agency_reaches(tmp_path: Path) -> None:
    """A program beside the agency's server publishes through it without credentials of its own, and as nobody else."""

    async def story() -> None:
        async with world(tmp_path, leaf_port=-1) as one:
            await one.admit(HOME, POLICE)
            await one.answer()
            creds, config = tmp_path / "home.creds", tmp_path / "leaf.conf"
            creds.write_text(one.place.agency_credentials(HOME))
            config.write_text(
                f'listen: 127.0.0.1:-1\nports_file_dir: "{tmp_path}"\nserver_name: home\n'
                f'leafnodes {{ remotes: [ {{ url: "{one.server.leaf_url}", credentials: "{creds}" }} ] }}\n'
            )
            leaf = subprocess.Popen([server_program(), "-c", config], stderr=subprocess.DEVNULL)  # noqa: ASYNC220 (starting it does not wait)
            try:
                ports = tmp_path / f"nats-server_{leaf.pid}.ports"
                # The file is named before it is written.
                await until(lambda: ports.exists() and '"' in ports.read_text(), "the agency's own server")
                client = await nats.connect(ports.read_text().split('"')[3], inbox_prefix=f"_INBOX_{HOME.id}")
                try:
                    receipt = await _answered(client, f"in.{HOME.id}.concordat.child.located.v1")
                    assert receipt == b"receipt"
                    await client.publish(f"in.{POLICE.id}.concordat.child.located.v1", b"{}")
                    assert await _answered(client, f"in.{HOME.id}.concordat.child.located.v1") == b"receipt"
                    assert {heard.subject.split(".")[1] for heard in one.heard} == {one.token(HOME.id)}
                finally:
                    await client.close()
            finally:
                leaf.terminate()
                leaf.wait()

    asyncio.run(story())


async def _answered(client: nats.NATS, subject: str) -> bytes:
    """Ask until the leaf node has been let in: before that nobody answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return (await client.request(subject, b"{}", timeout=1)).data
            except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
                await asyncio.sleep(0.02)
