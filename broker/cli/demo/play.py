"""`concordat demo`: one night from the first report to the interview, and the proof of it."""

import asyncio
import json as plain
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from broker.cli.demo.closing import gather
from broker.cli.demo.desk import NothingHeard
from broker.cli.demo.night import BEGINS, play
from broker.cli.demo.page import show
from broker.cli.demo.screen import Screen
from broker.cli.demo.stage import CHANNELS, set_up

DONE, FAILED = 0, 1


def run(*, json: bool, out: Path) -> int:
    """Play the night and leave its evidence in `out`, whose earlier content is replaced. 0 only if all held."""
    return asyncio.run(_run(json=json, out=out))


async def _run(*, json: bool, out: Path) -> int:
    state = Path(tempfile.mkdtemp(prefix="concordat-night-"))
    console = Console(stderr=json)
    try:
        with Screen(silent=json, console=console, channels=CHANNELS) as screen:
            async with set_up(state, BEGINS, screen.heard) as stage:
                night = await play(stage, screen)
                fresh = state / "evidence"
                fresh.mkdir()
                closing = await asyncio.to_thread(gather, stage, night, fresh)
        _replace(out, fresh)
        closing["evidence"] = str(out)
    except NothingHeard as error:
        console.print(f"[bold red]The night could not be played to its end:[/] {error}. Logs are kept in {state}")
        return FAILED
    if json:
        print(plain.dumps(closing))
    else:
        show(console, closing)
    if not all(one["held"] for one in closing["expectations"]):
        return FAILED
    shutil.rmtree(state)
    return DONE


def _replace(out: Path, fresh: Path) -> None:
    """Put the evidence where it was asked for; only a folder of evidence is ever replaced."""
    if out.exists():
        if not out.is_dir() or (any(out.iterdir()) and not (out / "verifier-key").exists()):
            raise NothingHeard("the folder for the evidence holds something else: name another with --out")
        shutil.rmtree(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(fresh, out)
