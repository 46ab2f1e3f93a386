"""A decision: whether one recipient may be told of one event, on what grounds, and of which fields."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from broker.sharing.clause import BoundClause
from broker.sharing.plan import Plan
from broker.sharing.redact import Redaction
from broker.sharing.ruling import Ruling
from broker.sharing.transforms import Setting
from contracts.disclosure import LegalBases, NotToldReason, Regimes
from contracts.protocol import OWN_RECORD


@dataclass(frozen=True, eq=False, slots=True)
class Grounds:
    """The clauses that a decision rests on, and what they rest on."""

    protocol: str | None = None
    """`name@version`: the first of the protocols, and one that may be named to the recipient if there is any."""
    protocol_hash: str | None = None
    clauses: tuple[str, ...] = ()
    """`name@version#clause`, in order of protocol name and then of the document."""
    purposes: tuple[str, ...] = ()
    legal_bases: LegalBases = field(default_factory=LegalBases)
    regimes: Regimes = field(default_factory=Regimes)


NO_GROUNDS = Grounds()
OWN_GROUNDS = Grounds(protocol=OWN_RECORD)


def grounds_of(clauses: tuple[BoundClause, ...]) -> Grounds:
    """Return the grounds that clauses give together. The regimes are those of the first clause that may be named."""
    if not clauses:
        return NO_GROUNDS
    first = next((clause for clause in clauses if not clause.silent), clauses[0])
    return Grounds(
        protocol=first.reference,
        protocol_hash=first.fingerprint,
        clauses=tuple(clause.label for clause in clauses),
        purposes=tuple(dict.fromkeys(clause.clause.purpose for clause in clauses)),
        legal_bases=LegalBases(
            discloser=tuple(dict.fromkeys(basis for clause in clauses for basis in clause.legal_basis.discloser)),
            recipient=tuple(dict.fromkeys(basis for clause in clauses for basis in clause.legal_basis.recipient)),
        ),
        regimes=Regimes(discloser=first.regime.discloser.value, recipient=first.regime.recipient.value),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of one event for one recipient. With a `reason` it is not told, and its plan releases nothing."""

    reason: NotToldReason | None
    grounds: Grounds
    shown: Grounds
    """The grounds without silent clauses, as the recipient may see them."""
    plan: Plan
    recipient: str
    today: date
    """The day in Europe/London that the decision was made."""

    @property
    def protocol(self) -> str | None:
        """`name@version` of the first deciding protocol."""
        return self.grounds.protocol

    @property
    def protocol_hash(self) -> str | None:
        """The fingerprint of that protocol."""
        return self.grounds.protocol_hash

    @property
    def clauses(self) -> tuple[str, ...]:
        """All deciding clauses, as `name@version#clause`."""
        return self.grounds.clauses

    @property
    def purposes(self) -> tuple[str, ...]:
        """The purposes of the deciding clauses."""
        return self.grounds.purposes

    @property
    def legal_bases(self) -> LegalBases:
        """The legal bases of the deciding clauses."""
        return self.grounds.legal_bases

    @property
    def regimes(self) -> Regimes:
        """The regimes of the first deciding clause."""
        return self.grounds.regimes

    def redact(self, data: dict[str, Any], pseudonym_key: bytes) -> Redaction:
        """Return what the recipient gets of an event's data (`ParsedEvent.plain()`), in contract order.

        `pseudonym_key` is the hub's master key of pseudonyms, 32 octets. Released values are shared with `data`.
        """
        rulings: list[Ruling] = []
        kept = self.plan.redact(data, rulings, Setting(self.recipient, self.today, pseudonym_key))
        return Redaction(kept or {}, tuple(rulings))
