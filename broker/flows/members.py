"""Who may be sent to: agencies that are registered, active, and may subscribe."""

from broker.ports.store import View

SUBSCRIBE = "subscribe"


class Members:
    """Read again whenever the registry has moved, so that a revocation works at once. May be asked from any thread."""

    def __init__(self) -> None:
        self._known: tuple[int, frozenset[str]] = (-1, frozenset())

    def may_receive(self, view: View, agency: str) -> bool:
        """Say whether an agency's mail may be sent to it."""
        version, members = self._known
        now = view.registry_version()
        if now != version:
            members = frozenset(one.id for one in view.agencies() if one.active and SUBSCRIBE in one.scopes)
            self._known = (now, members)
        return agency in members
