"""The night itself: what each agency says, in order, and what must then be true.

The child, the agencies and every detail are invented.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from broker.cli.demo.desk import PATIENCE, Desk, NothingHeard
from broker.cli.demo.screen import Screen
from broker.cli.demo.stage import Stage
from broker.cli.partnership import SOUTHFOLD, WESTMOOR

BEGINS = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
HOME, POLICE, OTHER_POLICE = "harbour-house", "northmere-police", "southfold-police"
COUNCIL, HOST, HEALTH, CHARITY = "eastvale-council", "westmoor-council", "northmere-health", "bright-path"
RHI_HOURS = 72
LOOK_AGAIN = 0.02
"""Seconds between two looks at the told matrix."""
CHILD = "Robin Example"
"""Found in no log, trace, metric or error of the hub: an expectation says so."""


@dataclass
class Night:
    """What was published, what was answered, and what was expected of it."""

    episode: str = ""
    child: str = ""
    """The hub's handle of the child."""
    receipts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """(agency, event type, receipt), in order."""
    expectations: list[tuple[str, bool]] = field(default_factory=list)

    def expect(self, what: str, held: bool) -> None:
        """Note whether something that must hold did."""
        self.expectations.append((what, held))


async def play(stage: Stage, screen: Screen) -> Night:
    """Play the night from the placement in the afternoon to the interview three days after the return."""
    night = Night()
    await _placement(stage, screen, night)
    await _missing(stage, screen, night)
    await _search(stage, screen, night)
    await _handover(stage, screen, night)
    await _return(stage, screen, night)
    await _interview(stage, screen, night)
    for agency, desk in stage.desks.items():
        numbers = sorted(int(event["concordatsequence"].split(".")[1]) for event in desk.received)
        night.expect(f"no number is missing in the mailbox of {agency}", numbers == list(range(1, len(numbers) + 1)))
    return night


async def _placement(stage: Stage, screen: Screen, night: Night) -> None:
    screen.say(
        stage.clock.now(), "Eastvale Council places a child in Harbour House, in Westmoor: who is who is on record."
    )
    receipt = await _publish(
        stage,
        screen,
        night,
        COUNCIL,
        "notify_placement",
        child={"reference": "EC-2041", "name": CHILD, "born": "2012-05-14"},
        placement={
            "began": BEGINS.isoformat().replace("+00:00", "Z"),
            "type": "residential",
            "area": WESTMOOR,
            "address": {"words": "Harbour House", "postcode": "ZZ1 1ZZ", "area": WESTMOOR},
        },
        involved=[
            {"agency": HOME, "as": "home"},
            {"agency": HOST, "as": "council of the area"},
            {"agency": HEALTH, "as": "health"},
            {"agency": CHARITY, "as": "charity"},
        ],
    )
    night.child = receipt["subject"].removeprefix("child/")
    record = await stage.desks[HOME].hears("concordat.placement.notified.v1")
    night.expect("the home is told of the placement under the hub's handle", record["subject"] == receipt["subject"])
    children = stage.state.parent / "desks" / HOME / "children"
    children.mkdir(exist_ok=True)
    (children / "HH-07.json").write_text(json.dumps(_CHILD_FILE), encoding="utf-8")


async def _missing(stage: Stage, screen: Screen, night: Night) -> None:
    await _go_to(stage, night, days=0, hour=21, minute=40)
    screen.say(stage.clock.now(), "Harbour House reports the child missing. Once.")
    receipt = await _publish(
        stage,
        screen,
        night,
        HOME,
        "report_missing",
        child="HH-07",
        worry="worried",
        level=3,
        last_seen={
            "when": _moment(stage, hours=-2),
            "where": {"words": "bus station, Westmoor", "postcode": "ZZ1 2ZZ", "area": WESTMOOR},
            "wearing": "green coat, white trainers",
        },
        what_happened={
            "text": "Left after a telephone call and has not come back.",
            "contains": ["narrative", "operational"],
            "basis": "fact",
        },
        by={"name": "Casey Invented", "post": "duty senior", "phone": "01632 960 002"},
        told=[
            {"agency": COUNCIL, "as": "placing council"},
            {"agency": HOST, "as": "council here"},
            {"agency": POLICE, "as": "our police"},
            {"agency": HEALTH, "as": "doctor"},
            {"agency": CHARITY, "as": "helpline"},
        ],
    )
    night.episode = receipt["episode"]
    night.expect(
        "one report tells police, both councils and health",
        {told["agency"] for told in receipt["told"]} == {POLICE, COUNCIL, HOST, HEALTH},
    )
    night.expect(
        "the charity that no clause covers must be rung",
        [(missed["agency"], missed["ring"]) for missed in receipt["not_told"]] == [(CHARITY, True)],
    )
    opened = {
        agency: await stage.desks[agency].hears("concordat.episode.opened.v1")
        for agency in (POLICE, COUNCIL, HOST, HEALTH)
    }
    data = {agency: event["data"] for agency, event in opened.items()}
    night.expect("the police get the name and the clothing", _has(data[POLICE], "child.name", "last_seen.clothing"))
    night.expect("the host authority gets initials and a coarse place only", data[HOST]["child"]["name"] == "R. E.")
    night.expect("the health team is not told who reported", not _has(data[HEALTH], "reporter"))
    night.expect("the health team gets the medication", _has(data[HEALTH], "child.health_needs"))
    night.expect(
        "nobody gets the publisher's own event id", all(e["id"] != receipt["event_id"] for e in opened.values())
    )


async def _search(stage: Stage, screen: Screen, night: Night) -> None:
    await _go_to(stage, night, days=0, hour=21, minute=52)
    screen.say(stage.clock.now(), "The duty worker at Eastvale sees it on the live feed and acts.")
    opened = await stage.desks[COUNCIL].hears("concordat.episode.opened.v1")
    await _acknowledge(stage, screen, COUNCIL, opened, "acting", "Sam Invented", "duty social worker")
    opened = await stage.desks[POLICE].hears("concordat.episode.opened.v1")
    await _acknowledge(stage, screen, POLICE, opened, "seen", "Alex Invented", "missing persons desk")
    await _go_to(stage, night, days=0, hour=22, minute=30)
    screen.say(stage.clock.now(), "Northmere Police raise the risk to high.")
    await _publish(
        stage,
        screen,
        night,
        POLICE,
        "raise_risk",
        episode=night.episode,
        grade="high",
        because={
            "text": "New information on who the child may have met.",
            "contains": ["narrative", "criminal_justice"],
            "basis": "assessment",
        },
        level=3,
    )
    for agency in (HOME, COUNCIL, HOST, HEALTH):
        changed = await stage.desks[agency].hears("concordat.risk.changed.v1")
        night.expect(f"{agency} knows that the risk is high", changed["data"]["risk"]["level"] == "high")
        night.expect(f"{agency} is not told the intelligence behind it", not _has(changed["data"], "risk.rationale"))


async def _handover(stage: Stage, screen: Screen, night: Night) -> None:
    await _go_to(stage, night, days=1, hour=0, minute=10)
    screen.say(
        stage.clock.now(),
        "The child is known to be in Southfold. Northmere offers the case; Southfold knows nothing of it yet.",
    )
    night.expect("the other force has heard nothing before the offer", not stage.desks[OTHER_POLICE].received)
    await _publish(
        stage,
        screen,
        night,
        POLICE,
        "offer_handover",
        episode=night.episode,
        to=OTHER_POLICE,
        because={"text": "A confirmed sighting in your area.", "contains": ["narrative", "location"], "basis": "fact"},
        within_hours=2,
    )
    offer = await stage.desks[OTHER_POLICE].hears("concordat.handover.offered.v1")
    night.expect("the offer comes without the history", [offer] == stage.desks[OTHER_POLICE].received)
    await _go_to(stage, night, days=1, hour=0, minute=25)
    screen.say(stage.clock.now(), "Southfold Police accept, and get the history that they are entitled to.")
    await _publish(
        stage, screen, night, OTHER_POLICE, "accept_handover", episode=night.episode, our_reference="SP-2026-0417"
    )
    history = await stage.desks[OTHER_POLICE].hears(
        "concordat.episode.history.v1", lambda event: event["source"].endswith(HOME)
    )
    first = history["data"]["events"][0]
    night.expect("the history begins with the home's report", first["type"] == "concordat.episode.opened.v1")
    night.expect("the new force gets the child's name", _has(first["data"], "child.name"))
    await stage.desks[OTHER_POLICE].hears(
        "concordat.episode.history.v1", lambda event: event["source"].endswith(POLICE)
    )


async def _return(stage: Stage, screen: Screen, night: Night) -> None:
    await _go_to(stage, night, days=1, hour=2, minute=5)
    screen.say(stage.clock.now(), "Southfold Police find the child.")
    await _publish(
        stage,
        screen,
        night,
        OTHER_POLICE,
        "child_located",
        episode=night.episode,
        by="patrol",
        area=SOUTHFOLD,
        where={"words": "railway station, Southfold", "postcode": "ZZ9 9ZZ", "area": SOUTHFOLD},
        condition={"text": "Cold and tired, unhurt.", "contains": ["health"], "basis": "fact"},
    )
    found = await stage.desks[HOME].hears("concordat.child.located.v1")
    night.expect("the home knows how the child is", _has(found["data"], "condition"))
    night.expect("the home is not told where the child was found", not _has(found["data"], "place"))
    await _publish(
        stage, screen, night, OTHER_POLICE, "wellbeing_confirmed", episode=night.episode, by="patrol", in_person=True
    )
    await _go_to(stage, night, days=1, hour=4, minute=20)
    screen.say(stage.clock.now(), "The child is back in Harbour House. The 72 hours for the interview begin.")
    await _publish(
        stage, screen, night, HOME, "child_back", child="HH-07", how={"text": "Asleep.", "contains": ["health"]}
    )
    due = await stage.desks[COUNCIL].hears("concordat.rhi.due.v1", lambda event: event["data"]["stage"] == "set")
    hours = _time(due["data"]["due_at"]) - _time(due["data"]["returned_at"])
    night.expect("the interview is due 72 hours after the return", hours == timedelta(hours=RHI_HOURS))
    await _go_to(stage, night, days=1, hour=9, minute=0)
    screen.say(stage.clock.now(), "Southfold Police close the episode. The interview is still to come.")
    await _publish(stage, screen, night, OTHER_POLICE, "close", episode=night.episode, result="found safe")
    refused = await stage.desks[OTHER_POLICE].do("raise_risk", episode=night.episode, grade="low")
    night.expect(
        "a search event for the closed episode is refused with the reason",
        refused.get("problem", {}).get("status") == 409,  # noqa: PLR2004 (HTTP 409 Conflict)
    )


async def _interview(stage: Stage, screen: Screen, night: Night) -> None:
    await _go_to(stage, night, days=4, hour=4, minute=21)
    screen.say(stage.clock.now(), "72 hours have passed. The hub says so, to those who must act.")
    await stage.desks[COUNCIL].hears("concordat.rhi.due.v1", lambda event: event["data"]["stage"] == "reached")
    await _go_to(stage, night, days=4, hour=11, minute=0)
    screen.say(
        stage.clock.now(), "Eastvale Council holds the interview, and what the child says reaches those who plan."
    )
    await _publish(
        stage,
        screen,
        night,
        COUNCIL,
        "interview_completed",
        episode=night.episode,
        interviewer="independent visitor",
        independent=True,
        got_away_from={"text": "Noise at night.", "contains": ["narrative"], "basis": "fact"},
        child_says={"text": "I want to be asked first.", "contains": ["narrative"], "basis": "fact"},
        exploitation={"text": "Was asked to carry a parcel.", "contains": ["criminal_justice"], "basis": "assessment"},
        places={"text": "The railway station in Southfold.", "contains": ["location"], "basis": "fact"},
    )
    heard = await stage.desks[HOME].hears("concordat.rhi.completed.v1")
    night.expect("the home hears what the child wants to be known", _has(heard["data"], "childs_voice"))
    night.expect("the home is not told of the exploitation", not _has(heard["data"], "exploitation"))
    night.expect("the charity has heard nothing all night", not stage.desks[CHARITY].received)


async def _publish(
    stage: Stage, screen: Screen, night: Night, agency: str, verb: str, **members: Any
) -> dict[str, Any]:
    answer = await stage.desks[agency].do(verb, **members)
    receipt = answer.get("receipt")
    if receipt is None:
        raise NothingHeard(f"{agency}: {verb} was refused: {answer.get('problem', {}).get('title', 'no reason given')}")
    event_type = _TYPES[verb]
    screen.published(agency, event_type, receipt)
    night.receipts.append((agency, event_type, receipt))
    return dict(receipt)


async def _acknowledge(
    stage: Stage, screen: Screen, agency: str, event: dict[str, Any], action: str, name: str, role: str
) -> None:
    desk: Desk = stage.desks[agency]
    await desk.do("acknowledge", disclosure_id=event["id"], action=action, by={"name": name, "role": role})
    screen.acknowledged(agency, event["type"], action)


async def _go_to(stage: Stage, night: Night, *, days: int, hour: int, minute: int) -> None:
    """Let the night go on, once what was said has arrived: it must not seem to have taken hours."""
    publisher = stage.desks[night.receipts[-1][0]]
    async with asyncio.timeout(PATIENCE):
        while night.episode and not await _has_arrived(publisher, night):  # noqa: ASYNC110 (another process is waited for)
            await asyncio.sleep(LOOK_AGAIN)
    stage.clock.go_to((BEGINS + timedelta(days=days)).replace(hour=hour, minute=minute))


async def _has_arrived(publisher: Desk, night: Night) -> bool:
    told = await publisher.do("told", episode=night.episode)
    return all(row["delivered_at"] is not None for row in told["told"]["items"])


def _moment(stage: Stage, *, hours: float) -> str:
    return (stage.clock.now() + timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _has(data: dict[str, Any], *paths: str) -> bool:
    """Say whether every path is there."""
    for path in paths:
        at: Any = data
        for step in path.split("."):
            if not isinstance(at, dict) or step not in at:
                return False
            at = at[step]
    return True


_TYPES = {
    "notify_placement": "concordat.placement.notified.v1",
    "report_missing": "concordat.episode.opened.v1",
    "raise_risk": "concordat.risk.changed.v1",
    "offer_handover": "concordat.handover.offered.v1",
    "accept_handover": "concordat.handover.accepted.v1",
    "child_located": "concordat.child.located.v1",
    "wellbeing_confirmed": "concordat.wellbeing.confirmed.v1",
    "child_back": "concordat.child.returned.v1",
    "close": "concordat.episode.closed.v1",
    "interview_completed": "concordat.rhi.completed.v1",
}
_CHILD_FILE = {
    "reference": "HH-07",
    "full_name": CHILD,
    "called": "Rob",
    "born": "2012-05-14",
    "looks": "about 160 cm, short dark hair",
    "health": {"text": "Carries an inhaler.", "contains": ["health"], "basis": "fact"},
    "council_reference": "EC-2041",
}
