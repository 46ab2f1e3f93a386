"""After the night: who was told what and why, asked of the hub as its data protection officers would, and proved."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from broker.cli.demo.night import CHILD, Night
from broker.cli.demo.stage import CHANNELS, KINDS, Stage
from broker.cli.evidence import save_evidence
from broker.cli.keys import load_key
from broker.cli.remote import Remote
from contracts.envelope import rfc3339


def gather(stage: Stage, night: Night, folder: Path) -> dict[str, Any]:
    """Ask every agency's view of the night, keep the evidence in a folder, verify it offline; return it all as data."""
    told: dict[str, dict[str, Any]] = {}
    decisions: dict[str, dict[str, Any]] = {}
    for agency in KINDS:
        with Remote(stage.url, agency, load_key(stage.key(agency))) as remote:
            _told(remote, night, told)
            own = _decisions(remote, night)
            decisions |= own
            receipts = [receipt for publisher, _, receipt in night.receipts if publisher == agency]
            save_evidence(remote, folder, list(own), receipts)
    _channels(stage, night, told)
    verified = _verify(folder)
    rung = [
        {"by": publisher, "ring": missed["agency"], "event": event_type, "why": missed["detail"]}
        for publisher, event_type, receipt in night.receipts
        for missed in receipt["not_told"]
        if missed["ring"]
    ]
    night.expect("the ledger is verified offline", verified["exit"] == 0)
    by = {row["agency"]: row["by"] for row in told.values()}
    night.expect(
        "everybody was told by the way that they have chosen", by.items() >= {(who, CHANNELS[who]) for who in CHANNELS}
    )
    night.expect("the child's name is in no log of the hub", _not_in_log(stage))
    asked = [one for one in decisions.values() if one["disclosure"]["outcome"] == "disclosed"]
    night.expect("every disclosure is explained by a clause or is the agency's own record", all(map(_explained, asked)))
    return {
        "episode": night.episode,
        "child": night.child,
        "told": sorted(told.values(), key=lambda row: (row["told_at"], row["agency"])),
        "decisions": list(decisions.values()),
        "ring": rung,
        "calls_replaced": sum(1 for one in asked if one["disclosure"]["publisher"] != one["disclosure"]["recipient"]),
        "ledger": verified,
        "expectations": [{"what": what, "held": held} for what, held in night.expectations],
        "evidence": str(folder),
    }


def _told(remote: Remote, night: Night, told: dict[str, dict[str, Any]]) -> None:
    for row in remote.get(f"/v1/episodes/{night.episode}/told")["items"] if _has_part(remote, night) else ():
        told[json.dumps([row["event"], row["agency"], row["told_at"]])] = row


def _channels(stage: Stage, night: Night, told: dict[str, dict[str, Any]]) -> None:
    """Say of each line by which way it arrived, as the hub has recorded it."""
    with stage.hub() as built, built.store.reading() as view:
        arrived = view.delivered_by(f"episode/{night.episode}")
        ways = {
            (row.type, rfc3339(row.event_time), row.agency): arrived.get(row.disclosure)
            for row in view.told(f"episode/{night.episode}")
        }
    for row in told.values():
        row["by"] = ways.get((row["event"]["type"], row["event"]["time"], row["agency"]))


def _has_part(remote: Remote, night: Night) -> bool:
    return any(one["episode"] == night.episode for one in remote.pages("/v1/episodes"))


def _decisions(remote: Remote, night: Night) -> dict[str, dict[str, Any]]:
    """Return every decision on the agency's own events about this child, explained field by field."""
    found = [
        one
        for asked in ({"episode": night.episode}, {"child": night.child})
        for one in remote.pages("/v1/disclosures", publisher=remote.agency, **asked)
    ]
    return {one["id"]: remote.get(f"/v1/disclosures/{one['id']}/explanation") for one in found}


def _explained(decision: dict[str, Any]) -> bool:
    detail = decision["detail"]
    return bool(detail.get("clauses")) or detail.get("protocol", "").startswith("own-record@")


def _verify(folder: Path) -> dict[str, Any]:
    """Run the offline verifier as a stranger would: on the files alone, in a process of its own."""
    ran = subprocess.run(  # noqa: S603 (our own verifier)
        [sys.executable, "-m", "contracts.verify", str(folder)], capture_output=True, text=True, check=False
    )
    lines = ran.stdout.strip().splitlines()
    return {"exit": ran.returncode, "says": lines[-1] if lines else ran.stderr.strip()}


def _not_in_log(stage: Stage) -> bool:
    return CHILD.encode() not in stage.hub_log.read_bytes()


def outcomes(decision: dict[str, Any]) -> Counter[str]:
    """Count a decision's fields by outcome."""
    return Counter(field["outcome"] for field in decision["detail"].get("fields", ()))
