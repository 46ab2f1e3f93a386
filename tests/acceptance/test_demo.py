"""`concordat demo`: the night, played for real, and its evidence in the hands of somebody who trusts nobody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """One night as data, and the folder that it leaves."""
    out = tmp_path_factory.mktemp("night") / "evidence"
    ran = subprocess.run(
        [sys.executable, "-m", "broker.cli.main", "demo", "--json", "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout), out


def test_the_night_keeps_every_promise_and_its_evidence_convinces_a_stranger(night):
    """One report instead of dozens of calls; whoever was not told is to be rung; and a changed byte is found out."""
    closing, folder = night
    assert [one["what"] for one in closing["expectations"] if not one["held"]] == []
    assert closing["calls_replaced"] > 30
    assert {call["ring"] for call in closing["ring"]} >= {"bright-path"}
    told = {row["agency"] for row in closing["told"] if row["event"]["type"] == "concordat.episode.opened.v1"}
    assert told == {"northmere-police", "eastvale-council", "westmoor-council", "northmere-health"}

    verify = [sys.executable, "-m", "contracts.verify", str(folder)]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    opening = next(file for file in sorted((folder / "openings").iterdir()) if "Robin Example" in file.read_text())
    honest = opening.read_text()
    opening.write_text(honest.replace("Example", "Exemple"))
    try:
        assert subprocess.run(verify, capture_output=True, check=False).returncode == 4
    finally:
        opening.write_text(honest)
