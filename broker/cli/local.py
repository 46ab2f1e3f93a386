"""The hub's own databases, opened by a command that runs on the hub's machine.

The hub's parts take two seconds to load: only a command that opens them waits for them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from broker.cli.ended import Ended
from broker.cli.settle import settings_for
from broker.flows.draft import Draft
from broker.settings import Settings

if TYPE_CHECKING:
    from broker.built import Built

T = TypeVar("T")


@contextmanager
def opened(settings: Settings) -> "Iterator[Built]":
    """Open the hub's databases beside a hub that may be running: the database's own lock keeps writers in one order.

    Raises Ended with what to do if they do not open.
    """
    built = built_hub(settings)
    try:
        yield built
    finally:
        built.close()


def built_hub(settings: Settings) -> "Built":
    """Put the hub together; Ended says what to do if it does not open."""
    from broker.cli.building import REFUSES_TO_OPEN, build  # noqa: PLC0415 (loaded when it is needed)

    try:
        return build(settings)
    except REFUSES_TO_OPEN as error:
        raise Ended(str(error)) from error
    except PermissionError:
        raise Ended(
            "the state folder cannot be written: give its owner the right, or choose another with --state"
        ) from None
    except OSError as error:
        raise Ended(f"the state folder cannot be used ({error.strerror}): choose another with --state") from None


@contextmanager
def existing(state: Path | None) -> "Iterator[Built]":
    """Open the databases of a hub that has been started before; Ended if there is none in the folder."""
    settings = settings_for(state)
    if settings.database_url is None and not (settings.state / "concordat.db").exists():
        raise Ended(
            f"there is no hub in the folder {settings.state}: name its folder with --state, or start one: concordat up"
        )
    with opened(settings) as built:
        yield built


def commit(built: "Built", step: Callable[[Draft], T]) -> T:
    """Commit one step and return its answer; raises what the step raised, or Ended if the database did not answer."""
    from broker.cli.building import REFUSES_TO_OPEN  # noqa: PLC0415 (loaded when it is needed)

    (outcome,) = built.hub.sequencer.commit([step])
    if isinstance(outcome, REFUSES_TO_OPEN):
        raise Ended(str(outcome)) from outcome
    if isinstance(outcome, BaseException):
        raise outcome
    answer: T = outcome
    return answer
