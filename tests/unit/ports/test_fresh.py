"""Mail that has just been committed, on its way to the relay of the same process: a shortcut, and never a promise."""

import threading
from datetime import UTC, datetime

import pytest

from broker.ports import fresh
from broker.ports.fresh import FreshMail
from broker.ports.records import MailRecord, Scope
from broker.ports.relay import Letter

NIGHT = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


def letter(number: int, recipient: str = "northmere-police") -> Letter:
    scope = Scope("episode/one", "harbour-house")
    return Letter(MailRecord(recipient, 1, number, f"d-{number}", "type", scope.subject, scope, b"{}", NIGHT), None)


def numbers(mail: FreshMail) -> list[int]:
    return [one.mail.number for one in mail.take()]


def test_it_comes_out_once_and_in_order() -> None:
    """What several commits brought is taken together, in their order, and is then there no more."""
    mail = FreshMail()
    with mail.listening():
        assert not mail.is_waiting()
        mail.put([letter(1), letter(2)])
        mail.put([letter(3)])
        assert mail.is_waiting()
        assert numbers(mail) == [1, 2, 3]
        assert not mail.is_waiting()
        assert numbers(mail) == []


def test_nothing_is_kept_for_nobody() -> None:
    """A hub without a relay collects no children's data in memory, and one whose relay has ended drops what it had."""
    mail = FreshMail()
    mail.put([letter(1)])
    assert not mail.is_waiting()
    with mail.listening():
        mail.put([letter(2)])
        assert mail.is_waiting()
    assert not mail.is_waiting()
    mail.put([letter(3)])
    with mail.listening():
        assert numbers(mail) == [], "what came before somebody listened is in the database"


def test_a_relay_that_fails_leaves_nothing() -> None:
    """The next one begins with an empty memory, whatever ended the one before."""
    mail = FreshMail()

    def relay() -> None:
        with mail.listening():
            mail.put([letter(1)])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        relay()
    assert not mail.is_waiting()


def test_a_relay_that_falls_behind_costs_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the bound everything is dropped, and later mail comes again: the gap tells the relay to read the rest."""
    monkeypatch.setattr(fresh, "MOST", 4)
    mail = FreshMail()
    with mail.listening():
        mail.put([letter(1), letter(2), letter(3)])
        mail.put([letter(4)])
        mail.put([letter(5)])
        assert not mail.is_waiting()
        mail.put([letter(6)])
        assert numbers(mail) == [6]
        mail.put([letter(number) for number in range(7, 12)])
        assert numbers(mail) == [], "nor is one commit that is larger than the bound held"


def test_a_writers_thread_and_a_relay_lose_nothing_between_them() -> None:
    """Put from one thread and taken in another at the same time: every message once, in order."""
    mail, taken = FreshMail(), list[int]()
    with mail.listening():
        writer = threading.Thread(target=lambda: [mail.put([letter(2 * n), letter(2 * n + 1)]) for n in range(1000)])
        writer.start()
        while writer.is_alive():
            taken += numbers(mail)
        writer.join()
        taken += numbers(mail)
    assert taken == list(range(2000))
