"""Whatever is asked, the hub answers as it has described: requests made by Schemathesis from the OpenAPI document."""

from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REQUESTS = 12
"""For each operation: enough to meet most kinds of slip, few enough for every run of the tests."""
OPERATOR = "northmere-police"
SCOPES = frozenset({"publish", "subscribe", "audit", "oversight", "admin"})
ENDLESS = "/v1/feed"


@pytest.fixture(scope="module")
def api(hub: Any) -> Any:
    """The description of a hub that is being served, and a token that opens every door."""
    hub.change(OPERATOR, scopes=SCOPES)
    return schemathesis.openapi.from_dict(exact(hub.app.openapi())), hub.url, hub.desk(OPERATOR).token()


def exact(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without `default` answers, under which any status would be a described one."""
    document = deepcopy(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    return document


def test_every_answer_to_any_request_is_a_described_one(api: Any) -> None:
    """No request makes the hub fail, and no status, content type or body comes that its description does not have."""
    description, url, token = api
    asked = [one.ok() for one in description.get_all_operations() if one.ok().path != ENDLESS]
    assert len(asked) > 40

    for operation in asked:

        @settings(
            max_examples=REQUESTS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            answer = case.call(base_url=url, headers={"authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=CHECKS)

        holds()
