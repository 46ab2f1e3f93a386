"""The versions of an event type: which one is decided on, and how data passes between them.

The hub decides on the newest version that is accepted, so that a protocol has to speak of one version only. An event
of an older version is raised to it when it comes in. What was released to an agency that knows an older version is
lowered after the redaction and never before, so that a conversion sees nothing that was withheld.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from contracts.catalogue import CATALOGUE, contract_of, leaves_of
from contracts.conversion import ConversionFailed
from contracts.events.base import Contract


@cache
def _converting() -> dict[str, Contract]:
    return {
        contract.converts.previous: contract
        for contract in CATALOGUE.values()
        if contract.converts is not None and contract.lifecycle.is_accepted
    }


def following(event_type: str) -> Contract | None:
    """Return the accepted contract that converts from this version, or None."""
    return _converting().get(event_type)


def newest_of(event_type: str) -> str:
    """Return the newest accepted version of an event type: itself, if none follows it."""
    while (after := following(event_type)) is not None:
        event_type = after.type
    return event_type


def raise_data(event_type: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the newest version of a type, and data, whole or redacted, in that version; ConversionFailed."""
    while (after := following(event_type)) is not None:
        event_type, data = after.type, _convert(after, data, up=True)
    return event_type, data


def lower_data(event_type: str, data: dict[str, Any], knows: Mapping[str, int]) -> tuple[str, dict[str, Any]]:
    """Return type and redacted data in the version that a recipient knows; ConversionFailed if there is no way to it.

    `knows` maps a noun such as `concordat.risk.changed` to a major version. A type that it does not name, or of which
    it knows this version or a newer one, is given as it is.
    """
    noun, _, major = event_type.rpartition(".v")
    known = knows.get(noun, int(major))
    while contract_of(event_type).major > known:
        contract = contract_of(event_type)
        if contract.converts is None:
            raise ConversionFailed("no conversion leads to the version that is asked for")
        event_type, data = contract.converts.previous, _convert(contract, data, up=False)
        if not contract_of(event_type).lifecycle.is_accepted:
            raise ConversionFailed("the version that is asked for has been withdrawn")
    return event_type, data


def check_known(knows: Mapping[str, int]) -> None:
    """Raise ValueError unless each version that an agency says it knows exists, is accepted, and can be given to it."""
    for noun, major in knows.items():
        contract = CATALOGUE.get(f"{noun}.v{major}")
        if contract is None or not contract.lifecycle.is_accepted:
            raise ValueError(
                "name versions that are accepted: an event type without its version, such as concordat.risk.changed, "
                "and the number of the version, such as 1"
            )
        try:
            lower_data(newest_of(contract.type), {}, knows)
        except ConversionFailed:
            raise ValueError("one of these versions can no longer be given: leave it out and read the newest") from None


def _convert(contract: Contract, data: dict[str, Any], *, up: bool) -> dict[str, Any]:
    conversion = contract.converts
    assert conversion is not None  # noqa: S101 (the callers take it from a contract that converts)
    try:
        result = (conversion.up if up else conversion.down)(data)
    except Exception as error:  # noqa: BLE001 (whatever it is, its text could carry values)
        raise ConversionFailed(f"a conversion failed with {type(error).__name__}") from None
    if not _is_known(result, "", _paths_of(contract.type if up else conversion.previous)):
        raise ConversionFailed("a conversion gave a member that its contract does not have")
    return result


@cache
def _paths_of(event_type: str) -> frozenset[str]:
    return frozenset(leaf.path for leaf in leaves_of(event_type))


def _is_known(value: Any, prefix: str, paths: frozenset[str]) -> bool:
    """Say whether every member of an object is a leaf of the contract, or an object or list that holds some."""
    if not isinstance(value, dict):
        return False
    for name, inner in value.items():
        path = f"{prefix}{name}[]" if isinstance(inner, list) else f"{prefix}{name}"
        if path in paths:
            continue
        below = inner if isinstance(inner, list) else [inner]
        if not all(_is_known(one, f"{path}.", paths) for one in below):
            return False
    return True
