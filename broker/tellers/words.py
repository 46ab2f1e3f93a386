"""What the hub says to those who tell beside it. The first word is theirs: their edition, once they have started."""

from dataclasses import dataclass, field
from typing import Any

from broker.flows.registry import RegistryRecord


@dataclass(frozen=True, slots=True)
class Instructions:
    """Said once, at the start."""

    origin: str
    pseudonyms: bytes = field(repr=False)
    """The secret from which pseudonyms are derived."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Who is registered and which protocols stand, said again whenever it has changed."""

    record: RegistryRecord


@dataclass(frozen=True, slots=True)
class Events:
    """Accepted events, to be told."""

    packed: list[tuple[Any, ...]] = field(repr=False)
