"""The mailbox, acknowledgements and episodes."""

from pydantic import BaseModel, Field

from broker.web.shapes.common import Data, Mail, Moment, Position
from contracts.disclosure import NotToldReason
from contracts.vocabulary import AcknowledgementAction, EpisodeStatus, RiskLevel, Role


class InboxPage(BaseModel):
    """Messages in order."""

    items: list[Mail]
    next: Position = Field(description="the position to ask after: doing so confirms these as delivered")


class AcknowledgedItem(BaseModel):
    """One disclosure that has been acknowledged."""

    id: str
    disclosure_id: str
    action: AcknowledgementAction
    at: Moment


class Acknowledged(BaseModel):
    """What has been acknowledged."""

    items: list[AcknowledgedItem]


class EventHead(BaseModel):
    """Which event."""

    type: str
    time: Moment


class EpisodeHead(BaseModel):
    """One episode, made of what the agency published and was told."""

    episode: str
    status: EpisodeStatus | None = Field(description="null if the agency was told nothing of it")
    risk: RiskLevel | str | None = Field(description="null if the agency was told nothing of it")
    first_event: EventHead
    last_event: EventHead


class SeenEvent(EventHead):
    """One event of an episode as the agency may see it."""

    own: bool = Field(description="whether the agency published it itself")
    data: Data
    source: str | None = Field(None, description="who published; of received events only")
    disclosure_id: str | None = None
    sequence: Position | None = None


class Episode(EpisodeHead):
    """An episode with its events in order of their times."""

    events: list[SeenEvent]


class ToldLine(BaseModel):
    """One agency that was told of one event."""

    event: EventHead
    agency: str
    role: Role | None
    roles: list[Role]
    told_at: Moment | None
    delivered_at: Moment | None = Field(description="when its machine had it")
    seen_at: Moment | None
    acting_at: Moment | None
    actioned_at: Moment | None


class NotToldLine(BaseModel):
    """One agency that an event of the caller's did not reach."""

    event: EventHead
    agency: str
    role: Role | None
    reason: NotToldReason | None
    ring: bool = Field(description="whether somebody must ring it")
    at: Moment


class ToldMatrix(BaseModel):
    """Who has been told, for the agencies that the caller may know."""

    episode: str
    items: list[ToldLine]
    not_told: list[NotToldLine]
    next: None
    as_of: Moment
