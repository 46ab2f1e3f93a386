"""Webhooks."""

from pydantic import BaseModel, Field

from broker.delivery.schedule import Outcome
from broker.delivery.subscription import Content, Order
from broker.ports.webhooks import SwitchedOff
from broker.web.shapes.common import Moment, Position


class Endpoint(BaseModel):
    """One address to which an agency has its mail sent."""

    id: str
    url: str
    types: list[str] = Field(description="none means every type")
    content: Content
    order: Order
    enabled: bool
    disabled_because: SwitchedOff | None
    disabled_at: Moment | None
    failing_since: Moment | None = Field(description="since when every attempt has failed")
    created_at: Moment
    queued_up_to: Position
    public_key: str = Field(description="`whpk_…`: what `v1a` signatures are checked with")
    former_public_key: str | None
    former_until: Moment | None = Field(description="until when messages are signed with the former keys too")


class NewEndpoint(Endpoint):
    """The endpoint with its secret, which is shown this once."""

    secret: str = Field(description="`whsec_…`: what `v1` signatures are checked with")


class Attempt(BaseModel):
    """One attempt to send one message."""

    id: str
    message_id: str
    sequence: Position | None = Field(description="null for a test")
    at: Moment
    milliseconds: int
    outcome: Outcome
    status: int | None = Field(description="of the answer; null if there was none")


class Queued(BaseModel):
    """A message that will be sent again."""

    message_id: str
    sequence: Position
    due_at: Moment


class Recovering(BaseModel):
    """Where sending again begins."""

    after: Position
