"""Whether the servers that run keep what they confirm. A file of settings proves nothing: the server is asked."""

import json
from collections.abc import Mapping
from typing import Any

from nats.aio.client import Client

_FIRST_ANSWER_SECONDS = 5.0
_QUIET_SECONDS = 0.3
"""How long nothing more must come before all servers are taken to have answered."""


class NotDurable(Exception):
    """A server would confirm what it may yet lose. The text says which setting to change."""


class NotHealthy(NotDurable):
    """A server says itself that it is not well. Its settings are right; what it holds is looked at once it is."""


async def assert_durable(system: Client) -> None:
    """Ask every server for its running settings, and whether it is well.

    `system` is a connection to SYS. Raises NotDurable with what to change, NotHealthy where there is nothing else to
    say, and TimeoutError if no server answers.
    """
    servers = await asked_of_all(system, "$SYS.REQ.SERVER.PING.VARZ")
    faults = [fault for server in servers for fault in server_faults(server)]
    if not any(_jetstream(server) for server in servers):
        faults.append("no server has JetStream: configure jetstream { … } on at least one, in production on three")
    if faults:
        raise NotDurable("the NATS servers are refused. " + ". ".join(dict.fromkeys(faults)))
    health = await asked_of_all(system, "$SYS.REQ.SERVER.PING.HEALTHZ")
    if any(answer.get("status") != "ok" for answer in health):
        raise NotHealthy(
            "the NATS servers are not used: one is not healthy. Look into its log; nothing is made on it before it is"
        )


async def assert_stream_durable(hub: Client, stream: str) -> None:
    """Ask for the running configuration of a stream. Raises NotDurable, and LookupError if there is no such stream."""
    answer = json.loads((await hub.request(f"$JS.API.STREAM.INFO.{stream}", b"")).data)
    if "config" not in answer:
        raise LookupError("the stream is absent")
    faults = stream_faults(answer["config"])
    if faults:
        raise NotDurable(f"the stream {stream} is refused. " + ". ".join(faults))


def server_faults(varz: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the running settings of one server (its VARZ)."""
    faults = []
    settings = _jetstream(varz)
    if settings and settings.get("sync_always") is not True:
        seconds = settings.get("sync_interval", 0) / 1e9
        faults.append(
            f"a server confirms messages up to {seconds:g} s before they are on the disk: set `sync_interval: always` "
            "in its jetstream { … } and restart it"
        )
    # In operator mode a server does not start with `no_auth_user`: nobody comes in without credentials.
    if not varz.get("trusted_operators_jwt"):
        faults.append("a server does not run in operator mode: give it what `concordat nats config` prints")
    if (varz.get("mqtt") or {}).get("port"):
        faults.append("a server takes MQTT, whose sessions are outside the agencies' permissions: remove mqtt { … }")
    return faults


def stream_faults(config: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the running configuration of a stream (its STREAM.INFO)."""
    faults = []
    if config.get("storage") != "file":
        faults.append("it is kept in memory: make it anew with `concordat nats rebuild`")
    if config.get("persist_mode", "default") not in {"default", ""}:
        faults.append("its persist_mode overrides `sync_interval: always`: make it anew with `concordat nats rebuild`")
    return faults


def _jetstream(varz: Mapping[str, Any]) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = (varz.get("jetstream") or {}).get("config") or {}
    return settings


async def asked_of_all(system: Client, subject: str) -> list[Mapping[str, Any]]:
    """Ask every server, and return what each answered.

    Raises TimeoutError if none does, and NotDurable where a server lets anybody in and knows nothing of SYS.
    """
    inbox = system.new_inbox()
    answers = await system.subscribe(inbox)
    try:
        await system.publish(subject, b"", reply=inbox)
        bodies = [(await answers.next_msg(timeout=_FIRST_ANSWER_SECONDS)).data]
        while True:
            try:
                bodies.append((await answers.next_msg(timeout=_QUIET_SECONDS)).data)
            except TimeoutError:
                break
    finally:
        await answers.unsubscribe()
    if not all(bodies):
        raise NotDurable(
            "the NATS servers are refused. They do not know this hub's system account: give them what "
            "`concordat nats config` prints"
        )
    return [json.loads(body).get("data") or {} for body in bodies]
