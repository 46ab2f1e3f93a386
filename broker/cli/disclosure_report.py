"""The report of everything that was told about one child or episode, and why."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from broker.cli.remote import RefusedByHub, Remote
from broker.cli.speech import emit, printable, say


@dataclass(frozen=True)
class Told:
    """One disclosure or withholding, with its explanation as far as it is still kept for this reader."""

    disclosure: dict[str, Any]
    sentences: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**self.disclosure, "sentences": list(self.sentences)}


def told_of(remote: Remote, about: dict[str, str | None]) -> list[Told]:
    """Return everything that the reader's agency disclosed or received about a child or an episode, oldest first."""
    found = sorted(remote.pages("/v1/disclosures", **about), key=lambda one: (one["at"], one["type"], one["id"]))
    return [Told(one, _sentences(remote, one["id"])) for one in found]


def _sentences(remote: Remote, disclosure: str) -> tuple[str, ...]:
    try:
        return tuple(remote.get(f"/v1/disclosures/{disclosure}/explanation")["sentences"])
    except RefusedByHub as refused:
        if refused.status not in (404, 410):
            raise
        return ("The explanation is no longer kept, or is not for this agency.",)


def write_report(about: str, agency: str, lines: list[Told]) -> None:
    """Write the report on stdout: event by event, agency by agency."""
    emit(printable(f"Disclosures about {about}, as {agency} may see them"))
    if not lines:
        emit("None.")
        say("Nothing was found: check the id, and whether this agency disclosed or received anything about it.")
        return
    for (at, event_type, publisher), group in groupby(lines, key=_event):
        emit(printable(f"\n{at}  {event_type}, published by {publisher}"))
        for line in group:
            one = line.disclosure
            roles = f" ({', '.join(one['roles'])})" if one.get("roles") else ""
            outcome = "was told" if one["outcome"] == "disclosed" else "was NOT told"
            emit(printable(f"  {one['recipient']}{roles} {outcome}  [{one['id']}]"))
            for sentence in line.sentences:
                emit(printable(f"    {sentence}"))
    told = sorted({line.disclosure["recipient"] for line in lines if line.disclosure["outcome"] == "disclosed"})
    emit(
        printable(
            f"\nTold of something: {', '.join(told) or 'nobody'}. Each line can be proved: concordat ledger prove <id>"
        )
    )


def _event(line: Told) -> tuple[str, str, str]:
    one = line.disclosure
    return one["event_time"], one["type"], one["publisher"]
