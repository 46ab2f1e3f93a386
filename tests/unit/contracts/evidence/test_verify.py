"""`concordat-verify` over one honest night."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.verify import run
from tests.unit.contracts.evidence.night import COUNCIL, NARRATIVE, ORIGIN, POLICE, SIGNER, remove

Check = Callable[..., tuple[int, str]]


def test_an_honest_night(check: Check) -> None:
    """Everything is verified, and the last sentence says how much under which checkpoint."""
    code, said = check("--key", SIGNER.vkey)
    last = "Verified: 3 entries under 2 checkpoints, the newest of size 600, log "
    assert code == 0
    assert said.splitlines()[-1] == f"{last}{ORIGIN}."
    assert "FAILED" not in said
    assert "not checked" not in said


def test_the_key_may_stand_in_a_file_of_its_own(check: Check, tmp_path: Path) -> None:
    """The reader's own key file serves, and a key taken from the folder is said to be no more than that."""
    (tmp_path / "key").write_text(SIGNER.vkey + "\n")
    assert check("--key", str(tmp_path / "key"))[0] == 0
    code, said = check()
    assert code == 0
    assert "taken from the folder itself" in said


def test_findings_as_json(check: Check) -> None:
    """One object per line; the last is the summary."""
    code, said = check("--json")
    *findings, summary = map(json.loads, said.splitlines())
    assert code == 0
    assert {tuple(finding) for finding in findings} == {("outcome", "subject", "text")}
    assert (summary["verified"], summary["failures"], summary["entries"]) == (True, 0, {"16": 1, "600": 2})


def test_key_and_checkpoint_are_enough(night: Path, check: Check) -> None:
    """A folder with nothing to prove is verified, and says that it holds no entry."""
    for path in sorted(night.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        elif path.name not in {"verifier-key", "checkpoint"}:
            path.unlink()
    code, said = check()
    assert code == 0
    assert "Verified: no entry" in said


def test_tiles_prove_an_entry_without_a_proof_file(night: Path, check: Check) -> None:
    """The leaf's hash among the tiles' leaves is proof enough; without tiles it is not."""
    (night / f"proofs/{COUNCIL}.tlog-proof").unlink()
    assert check()[0] == 0
    remove(night / "tile")
    code, said = check()
    assert code == 4
    assert "not proved" in said


def test_without_tiles_the_reader_is_told_what_was_not_checked(night: Path, check: Check) -> None:
    """Signed checkpoints alone do not show one history: no failure, but it is said."""
    remove(night / "tile")
    code, said = check()
    assert code == 0
    assert "that one continues the other was not checked" in said


def test_files_that_are_no_evidence(night: Path, check: Check) -> None:
    """They are named as not checked, and a name cannot forge a line of the report."""
    (night / "notes.txt").write_text(NARRATIVE)
    (night / "entries" / "a\nVerified: all\x1b[2K.json").write_text("{}")
    (night / "checkpoints" / "README").write_text("old ones")
    code, said = check()
    assert code == 0
    assert said.count("not checked") == 3
    assert "\x1b" not in said
    assert not any(line.startswith("Verified: all") for line in said.splitlines())


def test_ids_that_only_a_receipt_names(night: Path, check: Check) -> None:
    """A reader who is entitled to one disclosure learns that there are others, which is no failure."""
    for file in night.rglob(f"{COUNCIL}*"):
        file.unlink()
    code, said = check()
    assert code == 0
    assert "named by receipts, not in this folder: 1" in said
    assert f"disclosure {POLICE} was proved" in said


def test_wrong_usage(night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is none, a key that is none and an unknown option are the caller's mistakes: 2."""
    assert run([str(tmp_path / "nowhere")]) == 2
    assert run([str(night), "--key", "not-a-key"]) == 2
    with pytest.raises(SystemExit) as stopped:
        run([str(night), "--fast"])
    assert stopped.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_installed_command_needs_the_contracts_alone(night: Path) -> None:
    """An auditor runs it as a program, and nothing of the hub is loaded."""
    code = "import sys; from contracts.verify import run; run(sys.argv[1:]); print(*sys.modules, sep='\\n')"
    ran = subprocess.run([sys.executable, "-c", code, str(night)], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.splitlines()}
    assert "rfc8785" in loaded
    assert loaded.isdisjoint({"broker", "adapters", "fastapi", "sqlalchemy", "yaml", "httpx2", "typer"})
    command = Path(sys.executable).with_name("concordat-verify")
    assert subprocess.run([command, night], capture_output=True, check=False).returncode == 0
    (night / "checkpoint").unlink()
    assert subprocess.run([command, night], capture_output=True, check=False).returncode == 4
