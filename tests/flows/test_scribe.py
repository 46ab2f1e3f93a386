"""At the scribe's desk: what is announced, what is written and what is said of it, also where a commit is in doubt."""

import pickle
import threading
from contextlib import contextmanager, suppress
from multiprocessing import Pipe

import pytest

from broker.flows.check import read
from broker.flows.order import Desk
from broker.flows.publish import Publish
from broker.flows.sequencer import Sequencer
from broker.flows.tellers import Alone
from broker.ports.notifier import Bell
from broker.ports.store import StoreUnavailable
from broker.scribe import desk as desks
from broker.scribe.desk import Scribe
from broker.scribe.words import Coming, Given, Written


class Doubtful:
    """A store whose next commit is in doubt: it was made and not confirmed, or not made."""

    def __init__(self, store):
        self.store, self.doubt = store, None

    def __getattr__(self, name):
        return getattr(self.store, name)

    @contextmanager
    def writing(self):
        doubt, self.doubt = self.doubt, None
        with self.store.writing() as unit:
            yield unit
            if doubt == "not made":
                raise StoreUnavailable("invented: no answer")
        if doubt == "made":
            raise StoreUnavailable("invented: the connection broke before the commit was confirmed")


@pytest.fixture
def doors(build):
    return build(wrapper=Doubtful)


def at_the_desk(doors, *orders):
    """Hand orders in together; return the words that are said until each has its outcome."""
    hub, bell = doors.hub, Bell()
    sequencer = Sequencer(hub.store, bell, hub.parts, hub.fresh)
    ours, theirs = Pipe()
    for number, order in enumerate(orders):
        ours.send_bytes(pickle.dumps(Given(number, order, None)))

    def serve():
        with suppress(EOFError), theirs:
            Scribe(theirs, sequencer, Desk(hub.parts, Alone()), hub.fresh, bell).serve()

    thread = threading.Thread(target=serve)
    thread.start()
    words, left = [], len(orders)
    with ours:
        while left:
            assert ours.poll(30)
            words.append(pickle.loads(ours.recv_bytes()))  # noqa: S301 (our own)
            left -= len(words[-1].outcomes) if isinstance(words[-1], Written) else 0
    thread.join()
    sequencer.close()
    return words


def report(doors, handle):
    event = doors.event(
        "harbour-house",
        "concordat.episode.opened.v1",
        {"child": {"handle": handle, "name": "Robin Example"}, "risk": {"level": "medium"}},
        subject=f"episode/{doors.hub.parts.new_id()}",
    )
    return Publish("harbour-house", (read(event),))


def told(word):
    (outcome,) = word.outcomes
    (published,) = outcome.answer
    return {one.disclosure_id for one in published.receipt.told}


def test_mail_is_announced_and_then_said_to_be_written(doors):
    """The messages go over the line once, before the commit; after it the hub hears that they hold."""
    coming, written = at_the_desk(doors, report(doors, doors.place()))
    assert isinstance(coming, Coming)
    assert {letter.mail.disclosure for letter in coming.letters} >= told(written) != set()
    assert (list(written.letters), written.with_coming, written.wakes) == ([], True, True)


def test_what_was_announced_and_not_made_comes_to_nothing(doors):
    """The commit fails and is made again: the hub gets the mail of the second, and never that of the first."""
    order = report(doors, doors.place())
    doors.hub.store.doubt = "not made"
    coming, written = at_the_desk(doors, order)
    assert not written.with_coming
    assert written.wakes
    again = {letter.mail.disclosure for letter in written.letters}
    assert again >= told(written) != set()
    assert not again & {letter.mail.disclosure for letter in coming.letters}


def test_what_was_made_without_a_word_is_looked_for(doors):
    """The commit was made and not confirmed: nobody has its mail in hand, so the hub looks into the mailboxes."""
    order = report(doors, doors.place())
    doors.hub.store.doubt = "made"
    _, written = at_the_desk(doors, order)
    assert (list(written.letters), written.with_coming, written.wakes) == ([], False, True)
    (outcome,) = written.outcomes
    (published,) = outcome.answer
    assert published.replayed


def test_much_mail_is_not_announced_and_comes_in_pieces(doors, monkeypatch):
    """It is sealed in a thread in any case; and no word keeps the hub's loop for long."""
    monkeypatch.setattr(desks, "LETTERS", 3)
    monkeypatch.setattr(desks, "AT_ONCE", 3)
    handle = doors.place()
    words = at_the_desk(doors, report(doors, handle), report(doors, handle))
    assert not any(isinstance(word, Coming) for word in words)
    assert all(len(word.letters) <= 3 for word in words)
    assert [len(word.outcomes) for word in words[:-1]] == [0] * (len(words) - 1)
    assert sum(len(word.letters) for word in words) > 3


def test_a_step_that_fails_is_given_back(doors):
    """The hub does it and words the refusal; those beside it are done."""
    good = report(doors, doors.place())
    bad = Publish("northmere-police", good.incoming)
    words = at_the_desk(doors, bad, good)
    outcomes = {one.number: one for word in words if isinstance(word, Written) for one in word.outcomes}
    assert not outcomes[0].is_done
    assert outcomes[0].answer is None
    assert outcomes[1].is_done
