"""The time that events are given when a story is played faster than it happened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class ShiftedClock:
    """Real time plus the seconds in a file, read at each look; without a file or with an empty one, real time.

    Only for the times of events. Tokens and waits always follow the real clock.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """Return the moment, in UTC. Raises ValueError if the file holds anything but a number."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def _offset(self) -> float:
        if self._offset_file is None:
            return 0.0
        try:
            return float(self._offset_file.read_text(encoding="ascii").strip() or "0")
        except FileNotFoundError:
            return 0.0
