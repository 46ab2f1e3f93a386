"""The folder, and the command run over it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.verify import run
from tests.unit.contracts.evidence.night import write_night


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """What an honest hub hands out."""
    write_night(tmp_path / "night")
    return tmp_path / "night"


@pytest.fixture
def check(night: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command over the folder; whatever it says, it never says what the child's record says."""

    def verify(*options: str) -> tuple[int, str]:
        code = run([str(night), *options])
        said = capsys.readouterr()
        assert "Wren" not in said.out + said.err
        return code, said.out

    return verify
