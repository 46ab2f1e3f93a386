"""What every flow is given: time, ids, keys, and the registry. Built once, in wiring."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from broker.flows.registry import Registry
from broker.ports.chance import random_bytes
from broker.ports.clock import Clock
from broker.ports.vault import KeyVault
from contracts.envelope import HUB_SOURCE, absolute
from contracts.vocabulary.library import Library, packaged


@dataclass(frozen=True)
class Parts:
    """The hub's own identity and instruments."""

    origin: str
    """The hub's origin, such as `hub.northmere.example`."""
    clock: Clock
    vault: KeyVault
    registry: Registry
    new_id: Callable[[], str]
    """Makes a ULID."""
    random_bytes: Callable[[int], bytes] = random_bytes
    words: Library = field(default_factory=packaged)
    """The code lists, those of the operator in place of the packaged ones."""

    def name_of(self, agency: str) -> str:
        """Return an agency's absolute name, as it stands in sources and ledger entries."""
        return absolute(self.origin, agency)

    @property
    def own_name(self) -> str:
        """The hub's own absolute name."""
        return f"//{self.origin}{HUB_SOURCE}"

    def mac(self, purpose: str, content: bytes) -> bytes:
        """Return a keyed MAC for comparing without keeping: HMAC-SHA-256 under the secret of that purpose."""
        return hmac.digest(self.vault.secret(f"mac/{purpose}"), content, hashlib.sha256)
