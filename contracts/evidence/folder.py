"""The layout of a folder of evidence: which file is what.

verifier-key                   the log's vkey
checkpoint                     its newest signed checkpoint
checkpoints/<size>             earlier ones
tile/<L>/<N>[.p/<W>]           tiles as served
entries/<id>.json              exact leaf bytes
proofs/<id>.tlog-proof         inclusion proofs
openings/<id>.json             keys and values that open an entry's commitments
receipts/<id>.json             answers to a publisher
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from contracts.tiles import Tile
from contracts.verification_error import MalformedError

_EARLIER = re.compile(r"checkpoints/([0-9]+)", re.ASCII)
_BY_ID = re.compile(
    r"(?:(entries|openings|receipts)/([A-Za-z0-9_-]{1,64})\.json|(proofs)/([A-Za-z0-9_-]{1,64})\.tlog-proof)",
    re.ASCII,
)


@dataclass(frozen=True)
class Folder:
    """The folder's files as bytes, sorted into kinds; `entries` to `receipts` are keyed by id."""

    verifier_key: bytes | None = None
    checkpoint: bytes | None = None
    checkpoints: Mapping[str, bytes] = field(default_factory=dict)
    tiles: Mapping[Tile, bytes] = field(default_factory=dict)
    entries: Mapping[str, bytes] = field(default_factory=dict)
    proofs: Mapping[str, bytes] = field(default_factory=dict)
    openings: Mapping[str, bytes] = field(default_factory=dict)
    receipts: Mapping[str, bytes] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @classmethod
    def sort(cls, files: Mapping[str, bytes]) -> Self:
        """From relative paths, with `/` between their parts, and contents."""
        by_id: dict[str, dict[str, bytes]] = {"entries": {}, "proofs": {}, "openings": {}, "receipts": {}}
        checkpoints, tiles, unknown = dict[str, bytes](), dict[Tile, bytes](), list[str]()
        for path, data in sorted(files.items()):
            if match := _BY_ID.fullmatch(path):
                kind, identifier = (part for part in match.groups() if part)
                by_id[kind][identifier] = data
            elif match := _EARLIER.fullmatch(path):
                checkpoints[match[1]] = data
            elif path.startswith("tile/") and (tile := _tile(path)):
                tiles[tile] = data
            elif path not in {"verifier-key", "checkpoint"}:
                unknown.append(path)
        return cls(
            files.get("verifier-key"),
            files.get("checkpoint"),
            checkpoints,
            tiles,
            by_id["entries"],
            by_id["proofs"],
            by_id["openings"],
            by_id["receipts"],
            tuple(unknown),
        )


def _tile(path: str) -> Tile | None:
    try:
        return Tile.parse(path.removeprefix("tile/"))
    except MalformedError:
        return None
