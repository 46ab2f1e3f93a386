"""Publishing the ledger's head: signed at a fixed interval, of a committed root only."""

from broker.ledger.checkpoint import CheckpointSigner
from broker.ledger.proofs import NodesMissingError, consistency
from broker.ports.clock import Clock
from broker.ports.records import CheckpointRecord
from broker.ports.store import Store, View
from broker.ports.vault import KeyVault
from contracts.merkle import verify_consistency
from contracts.verification_error import VerificationError


class LedgerBehind(Exception):
    """The database holds a smaller or another tree than has been published: it was restored or has failed over."""


def publish_checkpoint(
    store: Store, vault: KeyVault, signer: CheckpointSigner, clock: Clock
) -> CheckpointRecord | None:
    """Sign and keep a checkpoint of the committed tree if it has grown; LedgerBehind if it forks from the last."""
    floor = vault.floor()
    with store.reading() as view:
        frontier, latest = view.frontier(), view.latest_checkpoint()
        # The floor too: a failover under a running hub takes the latest checkpoint along with the entries. As a rule
        # they are one and the same.
        published = {(latest.size, latest.root)} if latest is not None else set()
        for size, root in published | ({floor} if floor is not None else set()):
            _require_extension(view, size, root)
    if frontier.size == 0 or (latest is not None and latest.size == frontier.size):
        return None
    checkpoint = CheckpointRecord(
        frontier.size, frontier.root(), signer.sign(frontier.size, frontier.root()), clock.now()
    )
    # First the floor, then the publication: a crash between them must not leave a published checkpoint forgotten.
    vault.raise_floor(checkpoint.size, checkpoint.root)
    with store.writing() as unit:
        newest = unit.latest_checkpoint()
        if newest is not None and newest.size >= checkpoint.size:
            return None  # Another replica was first.
        unit.add_checkpoint(checkpoint)
    return checkpoint


def require_floor(store: Store, vault: KeyVault) -> None:
    """Refuse to start on a database that has forgotten what was published; LedgerBehind says what to do."""
    floor = vault.floor()
    if floor is not None:
        with store.reading() as view:
            _require_extension(view, *floor)


def _require_extension(view: View, size: int, root: bytes) -> None:
    """LedgerBehind unless the committed tree extends the one that was published."""
    frontier = view.frontier()
    if frontier.size < size:
        raise LedgerBehind(_BEHIND)
    try:
        proof = consistency(size, frontier.size, view.nodes)
        verify_consistency(size, root, frontier.size, frontier.root(), proof)
    except (NodesMissingError, VerificationError) as error:
        raise LedgerBehind(_BEHIND) from error


_BEHIND = (
    "the database does not hold what this ledger has published: it has been restored or has failed over. "
    "Start it as a restored hub, with a new log origin and a new mailbox generation"
)
