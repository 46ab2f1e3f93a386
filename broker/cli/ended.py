"""How a command ends: the exit codes, and the one exception that carries a sentence for the person who ran it."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    REFUSED = 3
    """The hub, or the rules of the partnership, said no."""
    NOT_VERIFIED = 4
    """Evidence does not hold."""


class Ended(Exception):
    """The command cannot go on. The text says what happened and what to do; it holds no personal data."""

    def __init__(self, text: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.code = code
