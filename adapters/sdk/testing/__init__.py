"""A hub in memory, for the tests of an agency's system: the same HTTP surface, no network, no waiting.

hub = InMemoryHub()
async with HubClient(hub.url, hub.enrol("harbour-house"), transport=hub, clock=hub.clock) as client:
    hub.deliver("harbour-house", "concordat.child.located.v1", {...}, subject="episode/…")
    …
assert hub.published[0].event["type"] == "concordat.child.returned.v1"
"""

from adapters.sdk.testing.clock import ManualClock
from adapters.sdk.testing.faults import Fault, Refusal
from adapters.sdk.testing.hub import InMemoryHub, Publication
from adapters.sdk.testing.log import MemoryLog
from adapters.sdk.testing.mailbox import Mailbox

__all__ = ["Fault", "InMemoryHub", "Mailbox", "ManualClock", "MemoryLog", "Publication", "Refusal"]
