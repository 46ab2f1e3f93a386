"""A real hub in a folder of its own, and the real command beside it: processes, sockets and files."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

LAST_LINE = "Stop with Ctrl-C"
COMMAND = (sys.executable, "-m", "broker.cli.main")


@dataclass
class RunningHub:
    """A hub that listens."""

    url: str
    state: Path
    page: str
    process: subprocess.Popen[str] = field(repr=False)

    def stop(self, signal: int) -> int:
        """Ask it to stop; return its exit code."""
        self.process.send_signal(signal)
        _, said = self.process.communicate(timeout=30)
        self.page += said
        return self.process.returncode


def environment(state: Path, url: str | None = None) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    own |= {"CONCORDAT_STATE": str(state), "CONCORDAT_LOG_LEVEL": "warning", "CONCORDAT_CHECKPOINT_SECONDS": "0.5"}
    return own if url is None else own | {"CONCORDAT_PUBLIC_URL": url}


@contextmanager
def hub_in(state: Path, *options: str, **settings: str) -> Iterator[RunningHub]:
    ready = state.with_suffix(".ready.json")
    process = subprocess.Popen(
        [*COMMAND, "up", "--port", "0", "--ready-file", str(ready), *options],
        env=environment(state) | settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        page = ""
        while LAST_LINE not in page:
            line = process.stderr.readline()
            assert line, f"the hub ended before it was up:\n{page}"
            page += line
        yield RunningHub(json.loads(ready.read_text())["url"], state, page, process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=30)
        process.stderr.close()


class Concordat:
    """Runs `concordat …` as a person would, and holds every run to what all runs promise."""

    def __init__(self, state: Path, url: str | None = None) -> None:
        self.state = state
        self._environment = environment(state, url)

    def __call__(self, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "Warning:" not in done.stderr, done.stderr
        return done

    def lines(self, *arguments: object, stdin: str = "") -> list[dict[str, Any]]:
        """Run with --json; return the objects, one from each line of stdout."""
        done = self(*arguments, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def example(self, event_type: str, agency: str, *options: str) -> dict[str, Any]:
        """Make an example event of an agency."""
        (event,) = self.lines("event", "example", event_type, "--agency", agency, *options)
        return event

    def publish(self, event: dict[str, Any], agency: str) -> dict[str, Any]:
        """Publish it; return the receipt."""
        (receipt,) = self.lines("event", "publish", "-", "--agency", agency, stdin=json.dumps(event))
        return receipt


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_in(tmp_path_factory.mktemp("hub") / "state") as running:
        yield running


@pytest.fixture(scope="session")
def concordat(hub: RunningHub) -> Concordat:
    return Concordat(hub.state, hub.url)


@pytest.fixture(scope="session")
def receipt(concordat: Concordat) -> dict[str, Any]:
    """The receipt of one child reported missing by Harbour House."""
    return concordat.publish(
        concordat.example("concordat.episode.opened.v1", "harbour-house", "--full"), "harbour-house"
    )
