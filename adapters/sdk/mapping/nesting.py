"""Values by their places, as one object; items of lists in the order of their numbers, without holes."""

from collections.abc import Collection, Mapping
from typing import Any

Steps = tuple[str | int, ...]
"""Names of members, and numbers of list items."""


def nested(members: Mapping[Steps, Any], left_out: Collection[Steps]) -> dict[str, Any]:
    """Return the object that has each value at its place, without those items of lists that are left out."""
    root: dict[str | int, Any] = {}
    for steps, value in members.items():
        if not any(steps[: len(item)] == item for item in left_out):
            holder = root
            for step in steps[:-1]:
                holder = holder.setdefault(step, {})
            holder[steps[-1]] = value
    return {str(name): _listed(value, steps=(name,), members=members) for name, value in root.items()}


def _listed(value: Any, steps: Steps, members: Mapping[Steps, Any]) -> Any:
    if steps in members:
        return value  # a value as it is, whatever it holds
    inner = {name: _listed(one, (*steps, name), members) for name, one in value.items()}
    numbers = [name for name in inner if isinstance(name, int)]
    return [inner[number] for number in sorted(numbers)] if numbers else inner
