"""The casework core: pure. Event in, new state, facts and derived events out."""

from broker.casework.advance import advance, reach
from broker.casework.deadline import Deadline, DeadlineKind, DeadlineState
from broker.casework.directory import Directory
from broker.casework.episode import Episode
from broker.casework.handover import Handover
from broker.casework.interview import RHI_WITHIN
from broker.casework.involvement import Involvement
from broker.casework.naming import named_agencies
from broker.casework.outcome import Advance, Derived
from broker.casework.placement import Placement
from broker.casework.recipient import Recipient, facts_for, recipients
from broker.casework.refusal import Refused

__all__ = [
    "RHI_WITHIN",
    "Advance",
    "Deadline",
    "DeadlineKind",
    "DeadlineState",
    "Derived",
    "Directory",
    "Episode",
    "Handover",
    "Involvement",
    "Placement",
    "Recipient",
    "Refused",
    "advance",
    "facts_for",
    "named_agencies",
    "reach",
    "recipients",
]
