"""What an auditor is shown."""

from typing import Literal

from pydantic import BaseModel, Field

from broker.web.shapes.common import Moment, Position
from contracts.disclosure import Detail, NotToldReason
from contracts.vocabulary import Role


class Disclosure(BaseModel):
    """One disclosure or withholding, without values. Members that are not for the caller are absent."""

    id: str
    type: str
    outcome: Literal["disclosed", "withheld"]
    at: Moment
    event_time: Moment
    episode: str | None = Field(None, description="of an event about an episode")
    child: str | None = Field(None, description="handle of the child")
    publisher: str | None = None
    recipient: str
    roles: list[Role]
    protocol: str | None = Field(description="name@version")
    released: list[str] = Field(description="contract paths of the fields that were released")
    withheld: list[str] = Field([], description="for the publisher's auditor and for oversight")
    event_id: str | None = Field(None, description="for the publisher's auditor and for oversight")
    reason: NotToldReason | None = None
    sequence: Position | None = Field(None, description="in the recipient's mailbox")


class Explanation(BaseModel):
    """Why each field was released or withheld."""

    disclosure: Disclosure
    detail: Detail
    sentences: list[str]
