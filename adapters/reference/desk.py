"""The desk of an agency: what arrives goes onto the case list, what is commanded goes out by the outbox."""

import asyncio
import json
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from adapters.reference.case_list import CaseList
from adapters.reference.draft import Draft, NotUnderstood, Request, Verb
from adapters.reference.shifted_clock import ShiftedClock
from adapters.sdk import HubClient, HubError, Message, Outbox, Outcome, Position, Problem, Sender, compose
from contracts.envelope import rfc3339
from contracts.parse import InvalidEvent

CANCEL_AGAIN_SECONDS = 1.0
LAST_WORDS = 5.0
"""Seconds that answers on their way are waited for at the end; an event without one stays in the outbox."""

_log = logging.getLogger(__name__)

Say = Callable[[dict[str, Any]], None]


class Desk:
    """One agency's system. `say` gets each answer and each message received, as one JSON object."""

    def __init__(
        self,
        *,
        client: HubClient,
        outbox: Outbox,
        cases: CaseList,
        state: Path,
        verbs: Mapping[str, Verb],
        clock: ShiftedClock,
        say: Say,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._cases = cases
        self._state = state
        self._verbs = verbs
        self._clock = clock
        self._say = say
        self._answers: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the error of an answer that could not be given: the desk ends with it rather than fall silent."""

    async def run(self, sender: Sender, arriving: AsyncIterable[Message], lines: AsyncIterable[str]) -> None:
        """Work until the commands end or say stop. Raises Problem when the hub does not take this agency."""
        earlier = self._outbox.waiting()
        working = [
            asyncio.create_task(sender.run()),
            asyncio.create_task(self._receive(arriving)),
        ]
        for waiting in earlier:
            # Put in before the restart; whoever asked hears of it all the same.
            self._answer_later(self._report(waiting.id))
        commanded = asyncio.create_task(self._take(lines))
        try:
            done, _ = await asyncio.wait([*working, commanded, self._broken], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self._answers:
                await asyncio.wait(self._answers, timeout=LAST_WORDS)
        finally:
            await _end({*working, commanded, *self._answers, self._broken})

    async def _receive(self, arriving: AsyncIterable[Message]) -> None:
        async for message in arriving:
            at = rfc3339(self._clock.now())
            self._cases.receive(message, at)
            if message.missed:
                _log.error("%d messages before %s never came: ask the hub's operator", message.missed, message.position)
            self._say({"received": _received(message, at)})

    async def _take(self, lines: AsyncIterable[str]) -> None:
        async for line in lines:
            if not line.strip():
                continue
            try:
                command = json.loads(line)
            except ValueError:
                command = None
            if not isinstance(command, dict):
                self._refuse(None, "not-understood", "a command is one JSON object on one line")
            elif command.get("do") == "stop":
                return
            else:
                self._obey(command)

    def _obey(self, command: dict[str, Any]) -> None:
        reference, verb = command.get("ref"), command.get("do")
        try:
            if verb == "cases":
                found = [{"subject": case.subject, "types": case.types} for case in self._cases.cases()]
                self._say({"re": reference, "cases": found})
            elif verb == "acknowledge":
                self._answer_later(self._asked(reference, self._acknowledge(self._request(command))))
            elif verb == "told":
                self._answer_later(self._asked(reference, self._told(self._request(command))))
            else:
                self._publish(command)
        except NotUnderstood as error:
            self._refuse(reference, "not-understood", str(error))
        except InvalidEvent as error:
            faults = [{"pointer": f.pointer, "code": f.code, "message": f.message} for f in error.faults]
            self._refuse(reference, "invalid-event", "put right what errors names", faults)

    def _publish(self, command: dict[str, Any]) -> None:
        request = self._request(command)
        verb = command.get("do")
        if verb == "publish":
            data = request.optional("data")
            if not isinstance(data, dict):
                raise NotUnderstood("'data' is an object")
            draft = Draft(request.text("type"), data, request.optional("subject"))
        elif isinstance(verb, str) and verb in self._verbs:
            draft = self._verbs[verb](request)
        else:
            known = sorted({*self._verbs, "publish", "acknowledge", "told", "cases", "stop"})
            raise NotUnderstood(f"'do' is one of: {', '.join(known)}")
        event = compose(self._client.agency, draft.type, draft.data, time=request.time(), subject=draft.subject)
        reference = command.get("ref")
        for kind, local, remote in draft.remember:
            self._cases.link(kind, local, remote)
        event_id = self._outbox.put(event, None if reference is None else str(reference))
        self._answer_later(self._report(event_id, draft))

    async def _report(self, event_id: str, draft: Draft | None = None) -> None:
        outcome = await self._outbox.outcome_of(event_id)
        if draft is not None and draft.remember_subject_as and outcome.receipt and outcome.receipt.subject:
            self._cases.link(*draft.remember_subject_as, outcome.receipt.subject)
        self._say(_answer(outcome))

    async def _asked(self, reference: Any, question: Awaitable[dict[str, Any]]) -> None:
        try:
            self._say({"re": reference, **await question})
        except NotUnderstood as error:
            self._refuse(reference, "not-understood", str(error))
        except Problem as problem:
            self._say({"re": reference, "problem": problem.plain()})
        except HubError as error:
            self._refuse(reference, "no-answer", str(error))

    async def _acknowledge(self, request: Request) -> dict[str, Any]:
        up_to = request.optional("up_to_sequence")
        given = await self._client.acknowledge(
            request.text("action"),
            {name: str(value) for name, value in request.group("by").items()},
            disclosure_id=request.optional("disclosure_id"),
            episode=request.optional("episode"),
            up_to=None if up_to is None else _position(str(up_to)),
            note=request.optional("note"),
        )
        return {"acknowledged": given}

    async def _told(self, request: Request) -> dict[str, Any]:
        episode = request.episode_id()
        return {"told": {"episode": episode, "items": [row async for row in self._client.told(episode)]}}

    def _request(self, command: dict[str, Any]) -> Request:
        return Request(command, self._cases, self._state, self._clock.now())

    def _answer_later(self, answer: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(answer)
        self._answers.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answers.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._broken.done():
            self._broken.set_exception(error)

    def _refuse(self, reference: Any, slug: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        self._say({"re": reference, "problem": {"slug": slug, "detail": detail, "errors": errors or []}})


async def _end(left: set[asyncio.Future[Any]]) -> None:
    """Cancel until all has ended: `asyncio.wait_for` before Python 3.12, in NATS's library too, may forget it once."""
    pending = left
    while pending:
        for one in pending:
            one.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_SECONDS)
    await asyncio.gather(*left, return_exceptions=True)


def _received(message: Message, at: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "type": message.type,
        "subject": message.subject,
        "sequence": None if message.position is None else str(message.position),
        "source": message.event.get("source"),
        "at": at,
        "event": message.event,
    }


def _answer(outcome: Outcome) -> dict[str, Any]:
    if outcome.receipt is not None:
        return {"re": outcome.reference, "receipt": outcome.receipt.model_dump(mode="json")}
    return {"re": outcome.reference, "problem": outcome.refusal}


def _position(text: str) -> Position:
    try:
        return Position.parse(text)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
