"""Holds real messages against the AsyncAPI document: payload, and headers where they have any."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator

from contracts.asyncapi import document

DOCUMENT = document()


def faults(name: str, payload: Any, headers: Mapping[str, str] | None = None) -> list[str]:
    """Return what is wrong with a message by the one that the document describes under a name; nothing if it fits."""
    message = DOCUMENT["components"]["messages"][name]
    found = _faults(message["payload"], payload)
    if headers is not None:
        for each in _headers(message):
            found += _faults(each, dict(headers))
    return found


def _headers(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    traits = [
        DOCUMENT["components"]["messageTraits"][one["$ref"].rpartition("/")[2]] for one in message.get("traits", ())
    ]
    return [one["headers"] for one in (*traits, message) if "headers" in one]


def _faults(reference: dict[str, Any], value: Any) -> list[str]:
    judge = Draft7Validator({**reference, "components": DOCUMENT["components"]})
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)]
