"""A command that acts for one agency at a running hub: the options that all of them share, and what they lead to."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from broker.cli.options import AgencyOption, HubOption, JsonOption, KeyOption, StateOption
from broker.cli.remote import Remote, connect

_FIRST = {"agency": (AgencyOption, inspect.Parameter.empty)}
_LAST = {
    "hub": (HubOption, None),
    "key": (KeyOption, None),
    "state": (StateOption, None),
    "as_json": (JsonOption, False),
}


@dataclass(frozen=True)
class Acting:
    """For whom, at which hub, and how the answer is to be written."""

    agency: str
    remote: Remote
    as_json: bool


def for_agency(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options --agency, --hub, --key, --state and --json.

    The command takes an Acting first, then its own arguments and options. What it is called with has `agency` before
    its own options, and the others after them: so stand they in its help.
    """
    _, *own = inspect.signature(command).parameters.values()
    required = [one for one in own if one.default is inspect.Parameter.empty]
    optional = [one for one in own if one.default is not inspect.Parameter.empty]
    parameters = [*required, *_shared(_FIRST), *optional, *_shared(_LAST)]

    @wraps(command)
    def called(*, agency: str, hub: Any, key: Any, state: Any, as_json: bool, **given: Any) -> None:
        with connect(agency, hub, state, key) as remote:
            command(Acting(agency, remote, as_json), **given)

    # The command line is built from these two; `wraps` would show it the parameters of the command itself.
    vars(called)["__signature__"] = inspect.Signature(
        [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    )
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _shared(options: dict[str, tuple[Any, Any]]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]
