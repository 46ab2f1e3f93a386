"""At the scribe's desk: what is written and what is said of it, also where a commit is in doubt."""

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
from broker.scribe.words import Given


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
            left -= len(words[-1].outcomes)
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


def test_mail_comes_with_the_answers(doors):
    """The hub sends it on from memory: it has each message that the receipt names."""
    (written,) = at_the_desk(doors, report(doors, doors.place()))
    assert {letter.mail.disclosure for letter in written.letters} >= told(written) != set()
    assert written.wakes


def test_mail_of_a_commit_that_was_not_made_is_nobodys(doors):
    """The commit fails and is made again: the hub gets the mail of the second, as it lies in the mailboxes."""
    order = report(doors, doors.place())
    doors.hub.store.doubt = "not made"
    (written,) = at_the_desk(doors, order)
    assert written.wakes
    again = {letter.mail.disclosure: letter.mail for letter in written.letters}
    assert again.keys() >= told(written) != set()
    with doors.hub.store.reading() as view:
        assert all(view.mail_of(one).content == mail.content for one, mail in again.items())


def test_what_was_made_without_a_word_is_looked_for(doors):
    """The commit was made and not confirmed: nobody has its mail in hand, so the hub looks into the mailboxes."""
    order = report(doors, doors.place())
    doors.hub.store.doubt = "made"
    (written,) = at_the_desk(doors, order)
    assert (list(written.letters), written.wakes) == ([], True)
    (outcome,) = written.outcomes
    (published,) = outcome.answer
    assert published.replayed


def test_much_mail_comes_in_pieces(doors, monkeypatch):
    """No word keeps the hub's loop from all else for long."""
    monkeypatch.setattr(desks, "LETTERS", 3)
    handle = doors.place()
    words = at_the_desk(doors, report(doors, handle), report(doors, handle))
    assert all(len(word.letters) <= 3 for word in words)
    assert [len(word.outcomes) for word in words[:-1]] == [0] * (len(words) - 1)
    assert sum(len(word.letters) for word in words) > 3


def test_a_step_that_fails_is_given_back(doors):
    """The hub does it and words the refusal; those beside it are done."""
    good = report(doors, doors.place())
    bad = Publish("northmere-police", good.incoming)
    words = at_the_desk(doors, bad, good)
    outcomes = {one.number: one for word in words for one in word.outcomes}
    assert not outcomes[0].is_done
    assert outcomes[0].answer is None
    assert outcomes[1].is_done
