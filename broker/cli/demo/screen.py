"""The night as it happens: a told matrix that fills up, under one line that says what has just happened."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

NAMES = {
    "harbour-house": "Harbour House (home)",
    "northmere-police": "Northmere Police",
    "southfold-police": "Southfold Police",
    "eastvale-council": "Eastvale Council (responsible)",
    "westmoor-council": "Westmoor Council (host)",
    "northmere-health": "Health team",
    "bright-path": "Bright Path (charity)",
}
SHORT = {
    "concordat.placement.notified.v1": "placement",
    "concordat.episode.opened.v1": "missing",
    "concordat.risk.changed.v1": "risk",
    "concordat.handover.offered.v1": "offer",
    "concordat.handover.accepted.v1": "accept",
    "concordat.episode.history.v1": "history",
    "concordat.child.located.v1": "found",
    "concordat.wellbeing.confirmed.v1": "well",
    "concordat.child.returned.v1": "back",
    "concordat.episode.closed.v1": "closed",
    "concordat.rhi.due.v1": "RHI due",
    "concordat.rhi.completed.v1": "RHI done",
}
_TOLD, _HOLDS, _SEEN, _ACTING, _RING, _SAID = "·", "✓", "seen", "acts", "RING", "says"
_STYLES = {_TOLD: "dim", _HOLDS: "green", _SEEN: "bold green", _ACTING: "bold cyan", _RING: "bold red", _SAID: "yellow"}
_RANK = ("", _TOLD, _HOLDS, _SEEN, _ACTING)


class Screen:
    """A live told matrix on a terminal; nothing at all when the night is told as data."""

    def __init__(
        self, *, silent: bool, console: Console | None = None, channels: Mapping[str, str] | None = None
    ) -> None:
        """`channels` says by which way agencies take part that are not on the feed."""
        self._channels = channels or {}
        self._cells: dict[tuple[str, str], str] = {}
        self._columns: list[str] = []
        self._news: list[Text] = []
        self._silent = silent
        self.console = console or Console()
        self._live = Live(console=self.console, refresh_per_second=8, transient=False)

    def __enter__(self) -> Self:
        if not self._silent:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._silent:
            self._live.update(self._picture(), refresh=True)
            self._live.stop()

    def say(self, moment: datetime, words: str) -> None:
        """Tell what happens now, in the night's own time."""
        self._news.append(Text.assemble((f"{moment:%a %H:%M}  ", "bold"), words))
        self._draw()

    def published(self, agency: str, event_type: str, receipt: dict[str, Any]) -> None:
        """Show who said it, who was told, and who must be rung."""
        self._put(agency, event_type, _SAID)
        for told in receipt["told"]:
            self._put(told["agency"], event_type, _TOLD)
        for missed in receipt["not_told"]:
            if missed["ring"]:
                self._put(missed["agency"], event_type, _RING)

    def heard(self, agency: str, event: dict[str, Any]) -> None:
        """Show that a message has reached an agency's system."""
        self._put(agency, event["type"], _HOLDS)

    def acknowledged(self, agency: str, event_type: str, action: str) -> None:
        """Show that a person there has seen it, or acts."""
        self._put(agency, event_type, _ACTING if action == "acting" else _SEEN)

    def _put(self, agency: str, event_type: str, mark: str) -> None:
        if event_type not in self._columns:
            self._columns.append(event_type)
        before = self._cells.get((agency, event_type), "")
        weaker = mark in _RANK and before in _RANK and _RANK.index(mark) < _RANK.index(before)
        if not weaker and before not in (_RING, _SAID):
            self._cells[(agency, event_type)] = mark
        self._draw()

    def _draw(self) -> None:
        if not self._silent:
            self._live.update(self._picture())

    def _picture(self) -> Group:
        return Group(*self._news[-12:], Text(), self._table(), Text(_LEGEND, style="dim"))

    def _table(self) -> Table:
        table = Table(title="Who has been told", title_justify="left", pad_edge=False)
        table.add_column("")
        table.add_column("by")
        for event_type in self._columns:
            table.add_column(SHORT.get(event_type, event_type), justify="center")
        for agency, name in NAMES.items():
            table.add_row(name, self._channels.get(agency, "feed"), *self._row(agency))
        return table

    def _row(self, agency: str) -> Iterable[Text]:
        for event_type in self._columns:
            mark = self._cells.get((agency, event_type), "")
            yield Text(mark, style=_STYLES.get(mark, ""))


_LEGEND = "says: published it   · told   ✓ its system holds it   seen / acts: a person answered   RING: must be rung"
