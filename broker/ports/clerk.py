"""Reading what comes in and wording what is answered, for doors other than HTTP: the same rules, the same words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Reply:
    """What is answered: a status as of HTTP, a body, and headers that say what it is."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


class Clerk(Protocol):
    """Reads messages and words answers."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Return the document that a message carries; header names are in lower case. Raises what `problem` words."""
        ...

    def receipt(self, written: bytes, *, replayed: bool) -> Reply:
        """Answer with a receipt, which is written already."""
        ...

    def problem(self, error: Exception) -> Reply:
        """Word a failure; nothing that was submitted stands in it."""
        ...
