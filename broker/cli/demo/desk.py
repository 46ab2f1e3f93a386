"""A reference agency system as a process of its own: commands in, answers and received events out."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30.0
"""Seconds after which something that should have happened is taken as not happening."""


class NothingHeard(Exception):
    """An agency did not answer, or did not hear what it should have heard."""


@dataclass
class Desk:
    """One agency of the night."""

    agency: str
    process: asyncio.subprocess.Process
    heard: Callable[[str, dict[str, Any]], None]
    """Called with the agency and each CloudEvent that reaches it."""
    received: list[dict[str, Any]] = field(default_factory=list)
    _answers: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        kind: str,
        agency: str,
        hub: str,
        key: Path,
        state: Path,
        clock: Path,
        heard: Callable[[str, dict[str, Any]], None],
        channel: Sequence[str] = (),
    ) -> "Desk":
        """Start the agency's process and begin to listen to it. `channel` are its options for how it takes part."""
        state.mkdir(parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", f"adapters.{kind}", "--hub", hub, "--agency", agency),
            *("--key", str(key), "--state", str(state), "--clock", str(clock), *channel),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=(state / "talk.log").open("ab"),
            limit=2**22,
        )
        desk = cls(agency, process, heard)
        desk._reader = asyncio.create_task(desk._listen())
        return desk

    async def do(self, verb: str, **members: Any) -> dict[str, Any]:
        """Give a command; return its answer. Raises NothingHeard if none comes."""
        ref = f"{self.agency}-{len(self._answers)}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        assert self.process.stdin is not None  # noqa: S101 (it was asked for)
        self.process.stdin.write(json.dumps({"do": verb, "ref": ref, **members}).encode() + b"\n")
        await self.process.stdin.drain()
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            raise NothingHeard(f"{self.agency} got no answer to {verb}") from None

    async def hears(
        self, event_type: str, fits: Callable[[dict[str, Any]], bool] = lambda _event: True
    ) -> dict[str, Any]:
        """Return the first event of a type that has reached the agency or will; NothingHeard if none does."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._news.clear()
                    for event in self.received:
                        if event["type"] == event_type and fits(event):
                            return event
                    await self._news.wait()
        except TimeoutError:
            raise NothingHeard(f"{self.agency} never heard {event_type}") from None

    async def stop(self) -> None:
        """End the process the way an operator would."""
        if self.process.returncode is None and self.process.stdin is not None:
            self.process.stdin.write(b'{"do": "stop"}\n')
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), PATIENCE)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self._reader is not None:
            await self._reader

    async def _listen(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 (it was asked for)
        async for line in self.process.stdout:
            said = json.loads(line)
            if "received" in said:
                event = said["received"]["event"]
                self.received.append(event)
                self.heard(self.agency, event)
                self._news.set()
            elif (answer := self._answers.get(str(said.get("re")))) is not None and not answer.done():
                answer.set_result(said)
