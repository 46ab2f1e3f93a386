"""Which hub this is: a process that is started later may find another on the disk, and must not speak for this one."""

import hashlib
from pathlib import Path

import broker
import contracts


def edition() -> str:
    """Return a digest of names, sizes and times of all modules of the hub and the contracts, as they lie there now."""
    digest = hashlib.sha256()
    for package in (broker, contracts):
        (folder,) = map(Path, package.__path__)
        for module in sorted(folder.rglob("*.py")):
            seen = module.stat()
            digest.update(f"{module} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()
