"""What it costs to judge an event, as a multiple of what it costs to read its bytes at all.

Judged: from the bytes of a structured event to a typed one, a member name that stands twice and NaN refused. Read:
`json.loads` of the same bytes. Both in one thread, by turns, the best of many rounds; the events are those examples of
the contracts that have about 1 KB. `python -m tests.benchmarks.validation` measures this alone.
"""

import json
import statistics
import sys
import timeit
from typing import Any

from contracts.canonical import parse_json
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.parse import parse_event

SIZES = range(800, 1300)
"""Bytes of an event of about 1 KB."""
ROUNDS, TIMES = 60, 50


def measure_validation() -> dict[str, Any]:
    """Return the median ratio over the events of about 1 KB, and each of them with its microseconds."""
    events = []
    for name, contract in CATALOGUE.items():
        body = json.dumps(examples_of(name).full).encode()
        if len(body) in SIZES and not contract.derived:
            events.append({"type": name, "bytes": len(body)} | _cost(body))
    return {"validate_ratio": statistics.median(one["ratio"] for one in events), "events": events}


def _cost(body: bytes) -> dict[str, float]:
    read, judged, typed = [], [], []
    document = json.loads(body)
    for _ in range(ROUNDS):
        read.append(timeit.timeit(lambda: json.loads(body), number=TIMES))
        judged.append(timeit.timeit(lambda: parse_event(parse_json(body)), number=TIMES))
        typed.append(timeit.timeit(lambda: parse_event(document), number=TIMES))
    micro = 1e6 / TIMES
    return {
        "json_loads_us": min(read) * micro,
        "validate_us": min(judged) * micro,
        "parse_event_us": min(typed) * micro,
        "ratio": min(judged) / min(read),
    }


if __name__ == "__main__":
    json.dump(measure_validation(), sys.stdout, indent=2)
    sys.stdout.write("\n")
