"""Where the scribe sits: it takes what the hub hands it, in its turn, commits it, and says what became of it."""

import pickle
import select
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from broker.flows import tracing
from broker.flows.draft import Draft
from broker.flows.order import Desk
from broker.flows.sequencer import Sequencer
from broker.flows.step import Foreseen
from broker.flows.turns import Turns
from broker.ledger.batch import MINIMUM
from broker.ports.fresh import FreshMail
from broker.ports.notifier import Bell
from broker.scribe.words import Given, Outcome, Written

LETTERS = 200
"""In one word: a larger one would keep the hub's event loop from all else while it is read."""


class Scribe:
    """Serves one line. It keeps nothing that the database has not."""

    def __init__(
        self, line: "Connection[Any, Any]", sequencer: Sequencer, desk: Desk, fresh: FreshMail, bell: Bell
    ) -> None:
        """`fresh` and `bell` are the sequencer's own."""
        self._line = line
        self._sequencer = sequencer
        self._desk = desk
        self._fresh = fresh
        self._bell = bell
        self._turns: Turns[Given] = Turns()
        self._look = select.poll()
        self._look.register(line, select.POLLIN)

    def serve(self) -> None:
        """Write until the line ends. Raises EOFError or OSError then."""
        with self._fresh.listening():
            while True:
                seconds = self._turns.seconds()
                if seconds != 0:
                    self._hear(seconds)
                    continue
                self._hear(0)
                given = self._turns.take()
                while given:
                    # Each commit is answered at once: with the next under way, more is handed in.
                    answers = self._sequencer.commit_first([self._step(one) for one in given])
                    self._say(given[: len(answers)], answers)
                    del given[: len(answers)]

    def _hear(self, seconds: float | None) -> None:
        """Take all that lies on the line, and wait so long for the first word; for ever if that is None."""
        wait = None if seconds is None else seconds * 1000
        while self._look.poll(wait):
            given: Given = pickle.loads(self._line.recv_bytes())  # noqa: S301 (the hub's own words)
            self._turns.add(given, patient=given.order.patient)
            wait = 0

    def _step(self, given: Given) -> Foreseen[Any]:
        def room(draft: Draft) -> int:
            return self._turns.room(draft.before) if given.order.patient else MINIMUM

        step = Foreseen.of(given.order, self._desk, room)

        def run(draft: Draft) -> Any:
            with tracing.within(given.trace):
                return step(draft)

        return replace(step, run=run)

    def _say(self, given: Sequence[Given], answers: Sequence[Any]) -> None:
        letters = self._fresh.take()
        while len(letters) > LETTERS:
            self._send(Written(letters[:LETTERS], (), wakes=True))
            letters = letters[LETTERS:]
        outcomes = [
            Outcome(one.number, is_done=False, answer=None)
            if isinstance(answer, BaseException)
            else Outcome(one.number, is_done=True, answer=answer)
            for one, answer in zip(given, answers, strict=True)
        ]
        self._send(Written(letters, outcomes, self._bell.was_rung()))

    def _send(self, word: Written) -> None:
        self._line.send_bytes(pickle.dumps(word, pickle.HIGHEST_PROTOCOL))
