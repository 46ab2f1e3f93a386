"""Passing data between a contract and the major version before it.

A conversion is declared on the newer contract. Both functions take and give plain JSON (`ParsedEvent.plain()`), leave
their argument alone, and are *total*: `up` is given any data that was valid under the older contract, and both are
given what a redaction left of valid data, so any member may be missing and any value may have been replaced by a
transform. They move, rename and map; they look nothing up and add nothing that the data did not say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Convert = Callable[[dict[str, Any]], dict[str, Any]]
"""Plain data of one version → plain data of the other."""


class ConversionFailed(Exception):
    """Data cannot be given in the version asked for. Whoever was to get it gets nothing, and somebody rings."""


@dataclass(frozen=True)
class Conversion:
    """How data passes between a contract and the version before it."""

    previous: str
    """Event type of the version before."""
    up: Convert
    down: Convert
    moved: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """For each leaf path of the version before whose value does not simply stay at its path: every leaf path of the
    newer version that `up` lets the value reach, none if it is dropped. A publisher's `-field:` marks follow it."""
