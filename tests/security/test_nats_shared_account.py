"""The control to the attacks on isolation: what happens on a server that has permissions and no accounts."""

import asyncio
import subprocess
from pathlib import Path

import nats
from nats.js.api import AckPolicy, ConsumerConfig

from broker.nats.server import server_program
from tests.nats_world import listen, until

EVENT = "concordat.child.located.v1"
BODY = b"not a word of it is true"


def test_permissions_in_one_shared_account_do_not_hold(tmp_path: Path) -> None:
    """The control: on a server with permissions alone, the same spoofed pull puts a message into another's inbox."""
    (tmp_path / "weak.conf").write_text(
        f"""
        listen: 127.0.0.1:-1
        ports_file_dir: "{tmp_path}"
        jetstream {{ store_dir: "{tmp_path}/streams" }}
        authorization {{ users: [
          {{ user: hub, password: hub }}
          {{ user: bright-path, password: x, permissions: {{
              publish: ["in.bright-path.>", "$JS.API.CONSUMER.MSG.NEXT.OUT.bright-path"]
              subscribe: "_INBOX_bright-path.>" }} }}
          {{ user: harbour-house, password: x, permissions: {{
              publish: "in.harbour-house.>", subscribe: "_INBOX_harbour-house.>" }} }}
        ] }}
        """
    )
    server = subprocess.Popen([server_program(), "-c", tmp_path / "weak.conf"], stderr=subprocess.DEVNULL)

    async def story() -> None:
        ports = tmp_path / f"nats-server_{server.pid}.ports"
        await until(ports.exists, "the weak server")
        url = ports.read_text().split('"')[3]
        hub = await nats.connect(url, user="hub", password="hub")
        attacker = await nats.connect(url, user="bright-path", password="x")
        victim = await nats.connect(url, user="harbour-house", password="x")
        try:
            stream = hub.jetstream()
            await stream.add_stream(name="OUT", subjects=["out.>"])
            own = ConsumerConfig(
                durable_name="bright-path", filter_subject="out.bright-path.>", ack_policy=AckPolicy.EXPLICIT
            )
            await stream.add_consumer("OUT", own)
            await stream.publish(f"out.bright-path.{EVENT}", BODY)
            inbox = await listen(victim, "_INBOX_harbour-house.>")
            await attacker.publish(
                "$JS.API.CONSUMER.MSG.NEXT.OUT.bright-path", b"1", reply="_INBOX_harbour-house.chosen.by.the.attacker"
            )
            await until(lambda: bool(inbox), "the attacker's message in the victim's inbox")
            assert inbox[0].data == BODY
        finally:
            for client in (hub, attacker, victim):
                await client.close()

    try:
        asyncio.run(story())
    finally:
        server.terminate()
        server.wait()
