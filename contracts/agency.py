"""An agency as the hub's directory knows it."""

from dataclasses import dataclass, field
from typing import Literal

from contracts.vocabulary import AgencyKind


@dataclass(frozen=True)
class Agency:
    """One registered body. `areas` are ONS GSS codes; for a police force, the areas that it polices."""

    id: str
    name: str
    kind: AgencyKind
    classes: frozenset[str] = frozenset()
    """Classes of party that it belongs to in protocols, such as `childrens_homes`."""
    areas: frozenset[str] = frozenset()
    has_channel: bool = True
    """Whether a system of its own receives from the hub; without one it must be rung."""
    active: bool = True
    keys: tuple[dict[str, str], ...] = field(default=(), hash=False)
    """Its public keys as JWKs (RFC 7517)."""
    scopes: frozenset[str] = frozenset()
    """What its tokens may be granted."""
    telephone: str | None = None
    """The duty number to ring when it cannot be told."""
    nats_content: Literal["full", "notice"] = "full"
    """What lies in its NATS stream: messages sealed under its channel key, or ids and type only."""
    knows: dict[str, int] = field(default_factory=dict, hash=False)
    """Major versions that its system knows where it does not know the newest: `concordat.risk.changed` → 1."""
