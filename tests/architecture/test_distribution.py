"""Contracts are the root distribution: an agency that installs them gets them, and the hub's weight stays away."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.contracts.evidence.night import SIGNER, write_night

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


BASE = ("pydantic", "cryptography", "rfc8785")
"""What the project asks for without extras; what these ask for in turn comes along."""


def needed_by(names: Iterable[str]) -> set[str]:
    """Return the distributions that installing these brings, themselves included, as they are installed here."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            asked = [Requirement(line) for line in requires(name) or []]
            waiting += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the built wheel, and no other package than those that the base may bring.

    The packages of the base are lent from here, and no index is asked: if the wheel needed one more, the installer
    would not find it and fail.
    """
    folder = tmp_path_factory.mktemp("agency")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)])
    run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")])
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    for name in needed_by(BASE):
        known = distribution(name)
        for top in {Path(str(file)).parts[0] for file in known.files or () if ".." not in Path(str(file)).parts}:
            source = Path(str(known.locate_file(top)))
            if top != "__pycache__" and not (site / top).exists():
                (site / top).symlink_to(source, target_is_directory=source.is_dir())
    (wheel,) = folder.glob("*.whl")
    python = folder / "venv/bin/python"
    run([sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--quiet", str(wheel)])
    return folder / "venv/bin"


def run(command: list[str], folder: Path = ROOT) -> str:
    """Run a command and return what it says; its own words fail the test if it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_installing_the_contracts_brings_nothing_of_the_hub(installed: Path, tmp_path: Path) -> None:
    """The wheel installs where only pydantic, cryptography, rfc8785 and what they need are to be had."""
    run([sys.executable, "-m", "pip", "--python", str(installed / "python"), "check"])
    listed = run([sys.executable, "-m", "pip", "--python", str(installed / "python"), "list", "--format", "freeze"])
    there = {canonicalize_name(line.partition("==")[0]) for line in listed.split()}
    assert there == needed_by(BASE) | {"concordat"}
    assert not there & {"fastapi", "sqlalchemy", "pyyaml", "structlog", "httpx2", "uvicorn", "orjson", "nats-py"}


def test_the_contracts_work_where_nothing_else_is_installed(installed: Path, tmp_path: Path) -> None:
    """An agency with the contracts alone reads an event, has its schema, and loads every module of them."""
    script = """
import contracts, importlib, json, pkgutil
from contracts.examples import examples_of
from contracts.json_schema import schema_of
from contracts.parse import parse_event
for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
    importlib.import_module(module.name)
event = parse_event(examples_of("concordat.episode.opened.v1").full)
print(json.dumps([contracts.__file__, event.contract.type, schema_of(event.contract.type)["title"]]))
"""
    where, event_type, title = json.loads(run([str(installed / "python"), "-c", script], tmp_path))
    assert Path(where).is_relative_to(installed.parent)
    assert event_type == title == "concordat.episode.opened.v1"


def test_a_disclosure_is_verified_where_nothing_else_is_installed(installed: Path, tmp_path: Path) -> None:
    """A data protection officer proves a night with the wheel alone, and a bent leaf is found out."""
    night = tmp_path / "night"
    write_night(night)
    said = run([str(installed / "concordat-verify"), str(night), "--key", SIGNER.vkey], tmp_path)
    assert said.splitlines()[-1].startswith("Verified: 3 entries under 2 checkpoints")
    leaf = next((night / "entries").iterdir())
    leaf.write_bytes(leaf.read_bytes().replace(b"2026-11-22", b"2026-11-23", 1))
    bent = subprocess.run(
        [installed / "concordat-verify", night, "--key", SIGNER.vkey], cwd=tmp_path, capture_output=True, check=False
    )
    assert bent.returncode == 4
