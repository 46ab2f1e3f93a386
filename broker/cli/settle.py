"""The settings of this run: the environment, under what was given on the command line."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from broker.cli.ended import Ended
from broker.settings import Settings


def settings_for(state: Path | None, **given: Any) -> Settings:
    """Read the settings; what was given on the command line wins over the environment. Raises Ended."""
    chosen = {name: value for name, value in {"state": state, **given}.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        # A fault of no single setting says itself which ones contradict each other.
        names = ", ".join(
            sorted(
                {
                    f"CONCORDAT_{str(item['loc'][0]).upper()}" if item["loc"] else str(item["ctx"]["error"])
                    for item in faults
                }
            )
        )
        raise Ended(
            f"a setting has no usable value: {names}. What each takes is in docs/reference/settings.md"
        ) from None
