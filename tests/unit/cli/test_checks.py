"""What a doctor finds, and that it says what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.cli.check import Verdict
from broker.cli.checks import check_hub, examine
from broker.cli.partnership import found
from broker.settings import Settings
from broker.wiring import build

Harm = Callable[[Path], object]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that has been founded and is not running."""
    state = tmp_path_factory.mktemp("founded") / "state"
    built = build(Settings(state=state))
    found(built.hub, state / "agencies")
    built.close()
    return state


@pytest.fixture
def state(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, to be harmed."""
    shutil.copytree(founded, tmp_path / "state")
    return tmp_path / "state"


def test_a_founded_hub_is_well(state: Path) -> None:
    """Nothing is wrong with a hub as it was made; of NATS it says that it has never run."""
    checks = list(examine(Settings(state=state)))
    assert [check.name for check in checks if check.verdict is not Verdict.WELL] == ["NATS"]
    without = examine(Settings(state=state, nats="off"))
    assert {check.verdict for check in without} == {Verdict.WELL}
    assert not (state / "nats").exists()


def _lose_database(state: Path) -> None:
    for path in state.glob("concordat.db*"):
        path.unlink()


def _another_database(state: Path) -> None:
    _lose_database(state)
    (state / "concordat.db").write_bytes(b"not a database, but as long as the header of one would have to be" * 4)


_KEK = Path("keys") / "kek"
_HARMS: dict[str, tuple[Harm, str]] = {
    "another key": (lambda state: (state / _KEK).write_text("00" * 32 + "\n"), "key store"),
    "an open key": (lambda state: (state / _KEK).chmod(0o644), "key-encryption key"),
    "a lost key": (lambda state: (state / _KEK).unlink(), "key-encryption key"),
    "half a key": (lambda state: (state / _KEK).write_text("00"), "key-encryption key"),
    "a folder open to all": (lambda state: state.chmod(0o755), "state folder"),
    "a lost database": (_lose_database, "database"),
    "a broken database": (_another_database, "database"),
    "a lost folder": (shutil.rmtree, "state folder"),
}


@pytest.mark.parametrize(("harm", "name"), _HARMS.values(), ids=_HARMS)
def test_what_is_wrong_is_named_with_what_to_do(state: Path, harm: Harm, name: str) -> None:
    """Each harm is found under its name, and the finding says what to do."""
    harm(state)
    wrong = [check for check in examine(Settings(state=state)) if check.verdict is Verdict.WRONG]
    assert [check.name for check in wrong] == [name]
    assert all(check.do for check in wrong)


def test_looking_for_a_hub_makes_none(tmp_path: Path) -> None:
    """A doctor that was sent to the wrong folder leaves nothing there."""
    list(examine(Settings(state=tmp_path / "none")))
    assert list(tmp_path.iterdir()) == []


def test_a_test_clock_is_pointed_out(state: Path, tmp_path: Path) -> None:
    """Nobody records real children under a shifted clock without being told."""
    checks = {check.name: check for check in examine(Settings(state=state, test_clock=tmp_path / "clock"))}
    assert checks["clock"].verdict is Verdict.LOOK


def test_a_hub_without_protocol_is_pointed_out(tmp_path: Path) -> None:
    """A bare hub accepts everything and tells nobody: that is to be known."""
    built = build(Settings(state=tmp_path / "bare"))
    built.close()
    checks = {check.name: check for check in examine(Settings(state=tmp_path / "bare"))}
    assert checks["protocols"].verdict is checks["agencies"].verdict is Verdict.LOOK


def test_a_hub_that_does_not_answer_is_found() -> None:
    """Asked for a running hub where none runs."""
    assert check_hub("http://127.0.0.1:9").verdict is Verdict.WRONG
