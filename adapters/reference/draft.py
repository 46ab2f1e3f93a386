"""From an agency's own words to the data of a contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.reference.case_list import CaseList
from contracts.envelope import rfc3339
from contracts.identifiers import is_unique_id


class NotUnderstood(ValueError):
    """A command lacks something or uses a word that this system does not have. Never quotes the command."""


@dataclass(frozen=True)
class Draft:
    """An event before it has an id."""

    type: str
    data: dict[str, Any] = field(repr=False)
    subject: str | None = None
    remember: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    """Links (kind, local reference, id at the hub) to keep once the event is in the outbox."""
    remember_subject_as: tuple[str, str] | None = field(default=None, repr=False)
    """Link (kind, local reference) for the subject that the hub gives in its receipt."""


@dataclass(frozen=True)
class Request:
    """One command, with what a verb may look at."""

    command: Mapping[str, Any] = field(repr=False)
    cases: CaseList
    state: Path
    now: datetime

    def text(self, name: str) -> str:
        """Return a member that must be there as text. Raises NotUnderstood."""
        value = self.command.get(name)
        if not isinstance(value, str) or not value:
            raise NotUnderstood(f"this command needs {name!r} as text")
        return value

    def optional(self, name: str) -> Any:
        """Return a member, or None."""
        return self.command.get(name)

    def moment(self, name: str = "at") -> str:
        """Return the time that a member gives, or now."""
        value = self.command.get(name)
        return value if isinstance(value, str) else rfc3339(self.now)

    def time(self) -> datetime:
        """Return the time that the event is given: the member `time`, or now. Raises NotUnderstood."""
        value = self.command.get("time")
        if value is None:
            return self.now
        try:
            moment = datetime.fromisoformat(value)
        except (ValueError, TypeError):
            moment = None
        if moment is None or moment.tzinfo is None:
            raise NotUnderstood("'time' is an RFC 3339 timestamp with its offset")
        return moment

    def items(self, name: str) -> list[Mapping[str, Any]]:
        """Return a member that is a list of objects; empty when absent. Raises NotUnderstood."""
        value = self.command.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise NotUnderstood(f"{name!r} is a list of objects")
        return value

    def group(self, name: str) -> Mapping[str, Any]:
        """Return a member that is an object; empty when absent. Raises NotUnderstood."""
        value = self.command.get(name, {})
        if not isinstance(value, dict):
            raise NotUnderstood(f"{name!r} is an object")
        return value

    def episode(self) -> str:
        """Return the subject of the episode that the command names. Raises NotUnderstood."""
        return f"episode/{self.episode_id()}"

    def episode_id(self) -> str:
        """Return the id of the episode that the command names. Raises NotUnderstood."""
        episode = self.text("episode")
        if not is_unique_id(episode):
            raise NotUnderstood("'episode' is the episode's id, a ULID or a UUID, as it stands in a subject")
        return episode


Verb = Callable[[Request], Draft]
"""What turns a command of one kind of agency into an event."""


def present(**members: Any) -> dict[str, Any]:
    """Return the members that have a value: what is not known is left out, never sent empty."""
    return {name: value for name, value in members.items() if value not in (None, {}, [], "")}


def account(words: Any) -> Any:
    """Return a narrative. Bare text is not marked with what it contains, so it counts as every data category."""
    return {"text": words} if isinstance(words, str) else words


def place(words: Any) -> Any:
    """Return a place, from words or from an object that is already one."""
    return {"words": words} if isinstance(words, str) else words


def translated(words: Mapping[str, str], value: Any, name: str) -> str | None:
    """Return the contract's code for a local word; the code itself is understood too. Raises NotUnderstood."""
    if value is None:
        return None
    if isinstance(value, str) and (value in words or value in words.values()):
        return words.get(value, value)
    raise NotUnderstood(f"{name!r} is one of: {', '.join(sorted(words))}")


def coded(words: Mapping[str, str], value: Any) -> Any:
    """Return the contract's code for a local word, or the word itself as one without a code: it is never guessed."""
    if not isinstance(value, str):
        return value
    return words.get(value, value if value in words.values() else {"unmapped": value})


def involved(items: list[Mapping[str, Any]], roles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return who is involved: each item names an `agency`, and its part in our own words in `as`."""
    return [
        {"agency": item.get("agency"), "role": translated(roles, item.get("as") or item.get("role"), "as")}
        for item in items
    ]
