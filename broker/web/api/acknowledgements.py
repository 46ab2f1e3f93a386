"""A person says: seen, acting, done, or cannot act."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Security
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from broker.flows.acknowledge import AcknowledgementRequest, acknowledge
from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.body import body_of, described
from broker.web.problems import may
from broker.web.queries import accepts, position
from broker.web.shapes.mailbox import Acknowledged
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.envelope import rfc3339
from contracts.identifiers import UNIQUE_ID
from contracts.vocabulary import AcknowledgementAction

router = APIRouter(
    prefix="/v1/acknowledgements", tags=["acknowledgements"], dependencies=[Depends(accepts("application/json"))]
)


class Person(BaseModel):
    """Who acknowledges."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    role: str = Field(min_length=1, max_length=200)


class Acknowledgement(BaseModel):
    """One disclosure, or an episode up to a place in the mailbox; and what the person does about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    disclosure_id: str | None = Field(None, pattern=UNIQUE_ID)
    episode: str | None = Field(None, pattern=UNIQUE_ID)
    up_to_sequence: str | None = Field(None, max_length=40, description="<generation>.<number>")
    action: AcknowledgementAction
    by: Person
    note: str | None = Field(None, max_length=4000)

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        pair = (self.episode is not None, self.up_to_sequence is not None)
        if (self.disclosure_id is not None) == any(pair) or any(pair) != all(pair):
            raise ValueError("send disclosure_id, or episode together with up_to_sequence")
        return self


_EXAMPLE = {
    "disclosure_id": "01JD6QK3Z8T0V5W2N4Y6B8C0E7",
    "action": "acting",
    "by": {"name": "Robin Example", "role": "duty SPOC"},
    "note": "two officers on the way",
}


@router.post(
    "",
    status_code=201,
    response_model=Acknowledged,
    summary="Acknowledge what was received",
    openapi_extra=described(Acknowledgement, _EXAMPLE) | may("invalid-position", "unknown-disclosure"),
)
async def create(
    surface: Annotated[Surface, Depends(surface_of)],
    session: Annotated[Session, Security(bearer, scopes=["subscribe"])],
    body: Annotated[Acknowledgement, Depends(body_of(Acknowledgement))],
) -> Response:
    """Answer with what was acknowledged: the told matrix of every agency that may see it has changed."""
    parts = surface.hub.parts
    asked = AcknowledgementRequest(
        id=parts.new_id(),
        disclosure_id=body.disclosure_id,
        episode=body.episode,
        up_to=position(body.up_to_sequence),
        action=body.action,
        by_name=body.by.name,
        by_role=body.by.role,
        note=body.note,
    )
    rows = await surface.hub.sequencer.submit(lambda draft: acknowledge(draft, session.agency, asked, parts))
    items = [
        {"id": row.id, "disclosure_id": row.disclosure, "action": row.action.value, "at": rfc3339(row.at)}
        for row in rows
    ]
    return Json({"items": items}, 201)
