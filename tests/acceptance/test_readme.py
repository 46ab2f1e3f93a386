"""What README and tutorial tell a newcomer to type is typed here, in a folder that looks like a fresh checkout."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def commands(page: str) -> list[str]:
    """Return the shell blocks of a page, in order."""
    return re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with everything of the checkout in it, in which what the commands leave does no harm."""
    for entry in ROOT.iterdir():
        if entry.name not in {"demo-out", "concordat-state", ".git"}:
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


@pytest.fixture
def up(checkout: Path) -> Iterator[dict[str, str]]:
    """`make up`, on a port that is free, in a terminal of its own; gives the environment for the other terminal."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"CONCORDAT_PORT": str(port), "CONCORDAT_NATS_PORT": "0"}
    (command,) = [block for block in commands("docs/tutorial/first-event.md") if "make up" in block]
    process = subprocess.Popen(
        ["bash", "-ec", f"exec {command.strip()}"],
        cwd=checkout,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Ctrl-C" in line:
                break
        yield env
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def run(command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stderr[-2000:]}"
    return ran.stdout


def test_the_readme_is_true(checkout: Path):
    """The demonstration runs, its evidence is verified; the other two commands are those that are tested elsewhere."""
    demo, verify, up, test = (block.strip() for block in commands("README.md"))
    assert "Expectations held" in run(demo, checkout)
    assert "Verified" in run(verify, checkout)
    assert (up, test) == ("make up", "make test")
    assert "pytest" in run(f"{test} --dry-run", checkout)


def test_the_tutorial_is_true(checkout: Path, up: dict[str, str]):
    """A newcomer sends a first event, sees it arrive, and reads who was told what and why."""
    _, first, watch, audit = commands("docs/tutorial/first-event.md")
    receipt = json.loads(run(first.replace("8420", up["CONCORDAT_PORT"]), checkout, up))
    assert receipt["episode"]
    env = up | {"PATH": f"{checkout}/.venv/bin:{up['PATH']}"}
    assert "concordat.episode.opened.v1" in run(f"{watch.strip()} --limit 1", checkout, env)
    search, explain = audit.strip().splitlines()
    found = json.loads(run(f"{search} --json", checkout, env).splitlines()[0])
    assert "Released" in run(explain.replace("ID", found["id"]), checkout, env) or found["outcome"] == "withheld"
