"""Holds every answer of a hub against the hub's own OpenAPI document: status, content type, headers and body."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx2
from jsonschema import Draft202012Validator

_STREAM = "text/event-stream"
_UNKNOWN_METHOD = 405
_NO_CONTENT = (204, 304)


class Description:
    """An OpenAPI document as a judge."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.seen: set[tuple[str, str, int]] = set()
        """Path template, method and status of every answer that was held against it."""

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        # Literal paths before those with parameters, as the hub itself chooses.
        templates = sorted(self.document["paths"], key=lambda path: path.count("{"))
        return [(_pattern(template), template) for template in templates]

    def check(self, answer: httpx2.Response) -> None:
        """Fail if the answer is not one that the document promises. Paths that it does not have are passed over."""
        method = answer.request.method.lower()
        template = next((one for pattern, one in self._paths if pattern.fullmatch(answer.request.url.path)), None)
        if template is None or answer.status_code == _UNKNOWN_METHOD:
            return
        responses = self.document["paths"][template][method]["responses"]
        told = f"{method.upper()} {template} answered {answer.status_code}"
        assert str(answer.status_code) in responses, f"{told}, which is not documented"
        self.seen.add((template, method, answer.status_code))
        described = responses[str(answer.status_code)]
        for header, said in described.get("headers", {}).items():
            assert not said.get("required") or header in answer.headers, f"{told} without {header}"
        if answer.status_code not in _NO_CONTENT:
            self._check_body(answer, described["content"], told)

    def _check_body(self, answer: httpx2.Response, content: Mapping[str, Any], told: str) -> None:
        kinds = {_plain(name): said for name, said in content.items()}
        kind = _plain(answer.headers["content-type"])
        assert kind in kinds, f"{told} as {kind}, which is not documented"
        if kind == _STREAM or not kind.endswith("json"):
            return
        answer.read()
        schema = {**kinds[kind].get("schema", {}), "components": self.document["components"]}
        faults = [
            f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(answer.json())
        ]
        assert not faults, f"{told} with a body that is not as documented: {faults}"


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile(
        "".join("(.+)" if part == "{path}" else "([^/]+)" if part[:1] == "{" else re.escape(part) for part in parts)
    )
