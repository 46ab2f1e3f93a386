"""Answers of the API as bytes."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


class Json(Response):
    """A JSON answer in UTF-8."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content if isinstance(content, bytes) else orjson.dumps(content), status_code, headers)
