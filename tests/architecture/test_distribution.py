"""Contracts are the root distribution: an agency that installs them gets them, and the hub's weight stays away."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
HUB_ONLY = ("fastapi", "sqlalchemy", "yaml", "structlog", "opentelemetry", "httpx2", "uvicorn", "broker", "adapters")

IMPORT_ALL = """
import importlib, pkgutil, sys
import contracts
names = [module.name for module in pkgutil.walk_packages(contracts.__path__, "contracts.")]
for name in names:
    importlib.import_module(name)
print(len(names), *sorted({name.split(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_the_base_needs_three_packages() -> None:
    """Installing the project without extras brings pydantic, cryptography and rfc8785 and nothing else."""
    base = [line for line in requires("concordat") or [] if "extra ==" not in line]
    assert {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in base} == {"pydantic", "cryptography", "rfc8785"}


def test_contracts_load_nothing_of_the_hub() -> None:
    """Every module of the contracts is imported in a fresh interpreter; no framework, database or YAML comes along."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *HUB_ONLY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, *unwanted = run.stdout.split()
    assert int(count) > 15
    assert unwanted == []


def test_the_wheel_carries_the_schemas_and_the_code_lists(tmp_path: Path) -> None:
    """An agency can validate, and say what a code means, with what came with the package: the checkout's own files."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}
    for folder in ("contracts/schemas/", "contracts/vocabulary/lists/"):
        here = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / folder).glob("*.json")}
        assert {name: data for name, data in packed.items() if name.startswith(folder)} == here
        assert len(here) > 15
