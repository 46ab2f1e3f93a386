"""Every event type that an agency may publish goes through the real hub, in its least and in its fullest example."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from ulid import ULID

from broker.cli.example import fresh_example
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.examples.base import CHILD, DISCLOSURE, EPISODE, OTHER_CHILD, OTHER_EPISODE
from tests.asyncapi import faults

STRUCTURED = {"content-type": "application/cloudevents+json"}
COUNCIL, HOME = "eastvale-council", "harbour-house"
PLACED = {
    HOME: "care_provider",
    "westmoor-council": "host_authority",
    "northmere-health": "health",
    "northmere-police": "home_force",
}
JOINED = {"bright-path": "interview_provider", "southfold-police": "home_force"}
"""Confirmed in the episode alone: whoever else publishes an example."""

CALLED = {
    contract.type.removeprefix("concordat.").removesuffix(".v1"): contract.type for contract in CATALOGUE.values()
}
PUBLISHED = [name for name, event_type in CALLED.items() if not CATALOGUE[event_type].derived]
"""In the order of the journey."""
FOUND = ("child.located", "wellbeing.confirmed")
ALONE: dict[str, tuple[str, ...]] = {
    "placement.ended": (),
    "involvement.ended": (),
    "handover.offered": (),
    "handover.accepted": ("handover.offered",),
    "handover.declined": ("handover.offered",),
    "episode.closed": FOUND,
    "episode.reopened": (*FOUND, "episode.closed"),
    "episode.cancelled": (),
    "child.died": (),
    "access.restricted": (),
    "access.lifted": ("access.restricted",),
    "record.erased": (),
}
"""Types that change what may be said after them, each with what must come before it: they have a child of their own."""


MAILED = 12
"""Types at least that the sample protocol releases something of."""


class Night:
    """A child who is placed and missing, with everybody at the table who publishes an example."""

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        self.clients: dict[str, Any] = {}
        self.handle = self.place()
        self.episode = self.open()

    def publish(self, agency: str, event: dict[str, Any]) -> dict[str, Any]:
        """Publish, and return the receipt: nothing is refused, and nobody goes untold because the hub failed."""
        answer = self.client(agency).post("/v1/events", content=json.dumps(event), headers=STRUCTURED)
        assert answer.status_code == 201, (event["type"], answer.text)
        receipt: dict[str, Any] = answer.json()
        assert [one for one in receipt["not_told"] if one["reason"] == "hub_error"] == [], event["type"]
        return receipt

    def client(self, agency: str) -> Any:
        """Return the agency's client, which holds every answer against the description of the API."""
        if agency not in self.clients:
            self.clients[agency] = self.hub.desk(agency).client()
        return self.clients[agency]

    def place(self) -> str:
        """Have the council place a child; return the hub's handle."""
        example = examples_of(CALLED["placement.notified"]).minimal
        example["data"]["child"]["local_reference"] = str(ULID())
        example["data"]["involved"] = [{"agency": agency, "role": role} for agency, role in PLACED.items()]
        del example["subject"]
        return str(self.publish(COUNCIL, example | {"id": str(ULID())})["subject"].removeprefix("child/"))

    def open(self) -> str:
        """Have the home report the child missing, and the council bring the others in; return the episode."""
        episode = str(ULID())
        opened = examples_of(CALLED["episode.opened"]).minimal | {"id": str(ULID()), "subject": f"episode/{episode}"}
        opened["data"]["child"] = {"handle": self.handle}
        self.publish(HOME, opened)
        involved = [{"agency": agency, "role": role} for agency, role in JOINED.items()]
        confirmed = examples_of(CALLED["involvement.confirmed"]).minimal | {"id": str(ULID())}
        self.publish(COUNCIL, confirmed | {"subject": f"episode/{episode}", "data": {"involved": involved}})
        return episode

    def example(self, name: str, edition: str, kind: str | None = None) -> tuple[str, dict[str, Any]]:
        """Return an example as if it happened now to this child, and who publishes it."""
        text = json.dumps(getattr(examples_of(CALLED[name]), edition))
        agency = json.loads(text)["source"].rpartition("/")[2]
        theirs = {EPISODE: f"episode/{self.episode}", CHILD: f"child/{self.handle}"}
        for old, new in theirs.items():
            text = text.replace(old, new).replace(old.partition("/")[2], new.partition("/")[2])
        for old, make in ((OTHER_EPISODE, self.open), (OTHER_CHILD, self.place), (DISCLOSURE, self.told(agency))):
            if old in text:
                text = text.replace(old, make())
        event = json.loads(text)
        subject = {"episode": theirs[EPISODE], "child": theirs[CHILD]}.get(kind or "", event.get("subject"))
        event = fresh_example(event, None, subject, datetime.now(UTC), lambda: str(ULID()))
        if name == "episode.opened":
            event["subject"] = f"episode/{ULID()}"
        if name == "placement.notified":
            del event["subject"]  # The hub gives the handle.
        return agency, event

    def told(self, agency: str) -> Any:
        """Return how to find a disclosure that the agency has received of the episode."""
        seen = f"/v1/episodes/{self.episode}"
        return lambda: self.client(agency).get(seen).json()["events"][0]["disclosure_id"]


def kinds(name: str) -> tuple[str | None, ...]:
    """Return what the examples of a type are said of: of both, where either will do."""
    return ("episode", "child") if CATALOGUE[CALLED[name]].either_subject else (None,)


@pytest.mark.parametrize("edition", ["minimal", "full"])
def test_a_whole_journey_is_taken(hub: Any, edition: str) -> None:
    """From prevention to aftercare each agency says all that there is to say of one child, and everybody's mail fits.

    Whatever is received is a message of the AsyncAPI document; every answer is one of the description of the API.
    """
    night = Night(hub)
    for name in (one for one in PUBLISHED if one not in ALONE):
        for kind in kinds(name):
            agency, event = night.example(name, edition, kind)
            subject = night.publish(agency, event)["subject"]
            assert subject == event.get("subject", subject)
    received = set()
    for agency in (COUNCIL, *PLACED, *JOINED):
        for message in night.client(agency).get("/v1/inbox", params={"episode": night.episode}).json()["items"]:
            assert faults(f"webhook.{message['type']}", message) == []
            received.add(message["type"])
    assert len(received) >= MAILED


@pytest.mark.parametrize("edition", ["minimal", "full"])
@pytest.mark.parametrize("name", ALONE)
def test_what_changes_the_case_is_taken(hub: Any, name: str, edition: str) -> None:
    """A handover, a closing, a bar on an agency: each after what must have happened before it."""
    for kind in kinds(name):
        night = Night(hub)
        for step in (*ALONE[name], name):
            agency, event = night.example(step, "minimal" if step != name else edition, kind if step == name else None)
            assert night.publish(agency, event)["subject"] == event["subject"]
