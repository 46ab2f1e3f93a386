"""A data protection officer at the terminal: search, explain, prove, keep."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.signed_note import VerifierKey
from tests.integration.cli.conftest import Concordat

HOME = ("--agency", "harbour-house")


@pytest.fixture(scope="module")
def disclosure(receipt: dict[str, Any]) -> str:
    return next(one["disclosure_id"] for one in receipt["told"] if one["agency"] == "northmere-police")


def test_a_search_finds_who_told_whom(concordat: Concordat, receipt: dict[str, Any], disclosure: str) -> None:
    """The officer of the home sees the disclosure of its report and both withholdings."""
    found = concordat.lines("disclosure", "search", *HOME, "--episode", receipt["episode"])
    assert {one["recipient"]: one["outcome"] for one in found} == {
        "northmere-police": "disclosed",
        "eastvale-council": "withheld",
        "bright-path": "withheld",
    }
    table = concordat("disclosure", "search", *HOME, "--episode", receipt["episode"], "--outcome", "disclosed").stdout
    assert disclosure in table
    assert "eastvale-council" not in table


def test_an_explanation_speaks_in_sentences_and_shows_no_value(concordat: Concordat, disclosure: str) -> None:
    """Why the police were given the name: by which clause, on which legal basis; not the name."""
    done = concordat("disclosure", "explain", disclosure, *HOME)
    assert "northmere-police was told of concordat.episode.opened.v1 by harbour-house" in done.stdout
    assert "force-during-search" in done.stdout
    assert "Legal basis of the discloser" in done.stdout
    assert "Robin" not in done.stdout


def test_a_report_says_who_was_told_what_about_an_episode(concordat: Concordat, receipt: dict[str, Any]) -> None:
    """One page for an access request: told, not told, and why."""
    done = concordat("disclosure", "report", *HOME, "--episode", receipt["episode"])
    assert "northmere-police (owning_force) was told" in done.stdout
    assert "eastvale-council (responsible_authority) was NOT told" in done.stdout
    assert "not confirmed" in done.stdout
    assert "Robin" not in done.stdout
    assert concordat("disclosure", "report", *HOME).returncode == 2


def test_a_disclosure_is_proved(concordat: Concordat, disclosure: str) -> None:
    """The officer need not believe the hub; under another key than the ledger's nothing is proved, and exit is 4."""
    done = concordat("ledger", "prove", disclosure, *HOME)
    assert done.returncode == 0
    assert "the entry stands in the log" in done.stdout
    (head,) = concordat.lines("ledger", "checkpoint", *HOME)
    assert head["size"] >= 16
    other = VerifierKey(head["origin"], Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert concordat("ledger", "prove", disclosure, *HOME, "--vkey", other.format()).returncode == 4


def test_a_folder_of_evidence_convicts_whoever_changes_it(
    concordat: Concordat, receipt: dict[str, Any], disclosure: str, tmp_path: Path
) -> None:
    """Saved, it verifies offline; one changed entry and verification fails with exit 4."""
    kept, folder = tmp_path / "receipt.json", tmp_path / "evidence"
    kept.write_text(json.dumps(receipt))
    saved = concordat("ledger", "save", folder, *HOME, "--episode", receipt["episode"], "--receipt", kept)
    assert saved.returncode == 0, saved.stderr
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    findings = concordat.lines("ledger", "verify", folder)
    assert findings[-1]["verified"]
    assert sum(findings[-1]["entries"].values()) == 4
    assert any(one["subject"].startswith("receipts/") and "was proved" in one["text"] for one in findings[:-1])
    entry = folder / "entries" / f"{disclosure}.json"
    entry.write_bytes(entry.read_bytes().replace(b"northmere-police", b"southfold-police"))
    assert concordat("ledger", "verify", folder).returncode == 4


def test_evidence_is_not_put_on_top_of_other_evidence(concordat: Concordat, tmp_path: Path) -> None:
    """A folder that has something in it is left alone."""
    (tmp_path / "theirs").write_text("keep me")
    assert concordat("ledger", "save", tmp_path, *HOME).returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
