"""The closing page: what the night was good for, on one screen."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from broker.cli.demo.closing import outcomes
from broker.cli.demo.screen import NAMES, SHORT

_WAYS = {"inbox": "feed"}
"""A reader of the feed confirms what it holds over the inbox."""


def show(console: Console, closing: dict[str, Any]) -> None:
    """Print the closing page."""
    console.print()
    console.rule("The night, in the ledger's words")
    console.print(_told(closing))
    console.print(_fields(closing))
    for line in _calls(closing):
        console.print(line, highlight=False)
    console.print(f"Telephone calls that this replaced: [bold]{closing['calls_replaced']}[/]")
    console.print(f"Ledger: {closing['ledger']['says']}", highlight=False)
    failed = [one["what"] for one in closing["expectations"] if not one["held"]]
    for what in failed:
        console.print(f"[bold red]Did not hold[/]: {what}")
    held = len(closing["expectations"]) - len(failed)
    console.print(f"Expectations held: {held} of {len(closing['expectations'])}")
    console.print(f"Evidence: {closing['evidence']}  (check it yourself: concordat-verify {closing['evidence']})")


def _told(closing: dict[str, Any]) -> Table:
    table = Table(title="Told, delivered, seen (times of the night, UTC)", title_justify="left")
    for heading in ("event", "agency", "by", "told", "delivered", "seen", "acting"):
        table.add_column(heading)
    for row in closing["told"]:
        times = (_time(row[name]) for name in ("told_at", "delivered_at", "seen_at", "acting_at"))
        table.add_row(
            SHORT.get(row["event"]["type"], row["event"]["type"]), _name(row["agency"]), row["by"] or "", *times
        )
    return table


def _calls(closing: dict[str, Any]) -> Iterator[str]:
    """Say once for each pair who must ring whom, about what, and why."""
    about: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for call in closing["ring"]:
        about[(call["ring"], call["by"], call["why"])].append(SHORT.get(call["event"], call["event"]))
    for (ring, by, why), events in about.items():
        yield f"[bold red]RING[/] {_name(ring)}: {_name(by)}, about {', '.join(events)} ({why})"


def _fields(closing: dict[str, Any]) -> Table:
    table = Table(title="What each was given of the report, and by which clause", title_justify="left")
    for heading in ("agency", "rel.", "transf.", "withh.", "what was not released as it was, and the clause"):
        table.add_column(heading)
    for decision in closing["decisions"]:
        about = decision["disclosure"]
        if about["type"] != "concordat.episode.opened.v1":
            continue
        count = outcomes(decision)
        figures = (str(count[name]) for name in ("released", "transformed", "withheld"))
        table.add_row(_name(about["recipient"]), *figures, _reasons(decision))
    return table


def _reasons(decision: dict[str, Any]) -> str:
    detail = decision["detail"]
    if detail.get("reason"):
        return str(detail["reason"]).replace("_", " ")
    lines = []
    for field in detail.get("fields", ()):
        if field["outcome"] == "released":
            continue
        clause = str(field.get("clause") or "no clause").rpartition("#")[2]
        lines.append(f"{field['path']} → {field.get('transform') or 'withheld'} ({clause})")
    return "\n".join(lines) or "everything, by " + ", ".join(c.rpartition("#")[2] for c in detail.get("clauses", ()))


def _name(agency: str) -> str:
    return NAMES.get(agency, agency)


def _time(text: str | None) -> str:
    return "" if text is None else text[8:10] + " " + text[11:16]
