"""What a submission would change, laid over what is committed. Dropping a draft undoes it; nothing else must."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from broker.casework.episode import Episode
from broker.casework.placement import Placement
from broker.flows.below import EPISODE, Below
from broker.flows.detail import Form
from broker.ports.background import Background
from broker.ports.ground import Ground
from broker.ports.records import (
    AcknowledgementRecord,
    Delivery,
    DisclosureRecord,
    DueDeadline,
    EntryRecord,
    EventRecord,
    Mailbox,
    MailRecord,
    Position,
    ProtocolRecord,
    Undelivered,
)
from broker.ports.relay import Letter
from broker.ports.store import Unit
from contracts.agency import Agency


class Draft:
    """An overlay: reads look here first and then at the ground; writes stay here until absorbed or written."""

    def __init__(self, ground: Ground, before: int = 0) -> None:
        """`before` is how many entries the batch has without this draft's own."""
        self._ground = ground
        self.before = before
        self._below = Below(ground)
        self.entries: list[EntryRecord] = []
        self._events: dict[tuple[str, str], EventRecord] = {}
        self._episodes: dict[str, Episode] = {}
        self._placements: dict[str, Placement] = {}
        self._pseudonyms: dict[str, str] = {}
        self._handles: dict[tuple[str, bytes], str] = {}
        self._identifiers: dict[tuple[str, bytes], None] = {}
        self._knowledge: dict[tuple[str, str], frozenset[str]] = {}
        self._forms: dict[bytes, bytes] = {}
        self._disclosures: dict[str, DisclosureRecord] = {}
        self._mail: list[MailRecord] = []
        self._mailboxes: dict[str, Mailbox] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._acknowledgements: dict[str, AcknowledgementRecord] = {}
        self._consulted: dict[str, None] = {}
        self._agencies: dict[str, Agency] = {}
        self._police_areas: dict[str, str] = {}
        self._protocols: dict[tuple[str, int], ProtocolRecord] = {}
        self._more: list[Callable[[Unit], None]] = []

    # Reads

    def prepare(self, source: str, reader: str, ids: Sequence[str], subjects: Sequence[str]) -> None:
        """Read what events, alone or together, will ask for: in one go it costs less than piece by piece."""
        if len(ids) == 1:
            self._below.read_background(source, ids[0], reader, subjects[0])
            return
        about = list(dict.fromkeys(subjects))
        episodes = [one.removeprefix(EPISODE) for one in about if one.startswith(EPISODE)]
        self._below.read_events(source, ids)
        self._below.read_episodes(episodes)
        self._below.read_pseudonyms(about)
        self._below.read_knowledge(reader, about)

    def background(self, source: str, event_id: str, reader: str, subject: str) -> Background:
        self._below.read_background(source, event_id, reader, subject)
        episode = self.episode(subject.removeprefix(EPISODE)) if subject.startswith(EPISODE) else None
        known = self.knows(reader, subject)
        mailboxes = frozenset(self.mailboxes_of({*known, reader}).values())
        return Background(self.event(source, event_id), episode, self.pseudonym(subject), known, mailboxes)

    def event(self, source: str, event_id: str) -> EventRecord | None:
        return self._events.get((source, event_id)) or self._below.event(source, event_id)

    def events_of(self, source: str, ids: Iterable[str]) -> dict[str, EventRecord]:
        names = list(ids)
        self._below.read_events(source, names)
        return {one: found for one in names if (found := self.event(source, one)) is not None}

    def events_about(self, subject: str) -> tuple[EventRecord, ...]:
        own = tuple(event for event in self._events.values() if event.subject == subject)
        return (*self._ground.events_about(subject), *own)

    def episode(self, episode_id: str) -> Episode | None:
        return self._episodes.get(episode_id) or self._below.episode(episode_id)

    def episodes_of(self, ids: Iterable[str]) -> dict[str, Episode]:
        names = list(ids)
        self._below.read_episodes(names)
        return {one: found for one in names if (found := self.episode(one)) is not None}

    def placement(self, handle: str) -> Placement | None:
        return self._placements.get(handle) or self._below.placement(handle)

    def pseudonym(self, subject: str) -> str | None:
        return self._pseudonyms.get(subject) or self._below.pseudonym(subject)

    def pseudonyms_of(self, subjects: Iterable[str]) -> dict[str, str]:
        names = list(subjects)
        self._below.read_pseudonyms(names)
        return {one: found for one in names if (found := self.pseudonym(one)) is not None}

    def handle(self, agency: str, reference: bytes) -> str | None:
        return self._handles.get((agency, reference)) or self._ground.handle(agency, reference)

    def handles_with(self, identifier: bytes) -> tuple[str, ...]:
        own = tuple(handle for handle, mark in self._identifiers if mark == identifier)
        return tuple(dict.fromkeys((*self._ground.handles_with(identifier), *own)))

    def knows(self, reader: str, subject: str) -> frozenset[str]:
        return self._below.knows(reader, subject) | self._knowledge.get((reader, subject), frozenset())

    def knows_of(self, reader: str, subjects: Iterable[str]) -> dict[str, frozenset[str]]:
        names = list(subjects)
        self._below.read_knowledge(reader, names)
        return {one: found for one in names if (found := self.knows(reader, one))}

    def mailbox(self, recipient: str) -> Mailbox:
        return self._mailboxes.get(recipient) or self._below.mailbox(recipient)

    def mailboxes_of(self, recipients: Iterable[str]) -> dict[str, Mailbox]:
        """Return where several mailboxes stand."""
        names = list(recipients)
        self.fetch_mailboxes(names)
        return {one: self.mailbox(one) for one in names}

    def fetch_mailboxes(self, recipients: Iterable[str]) -> None:
        """Read mailboxes that will be asked for: together they cost less than one by one."""
        self._below.read_mailboxes(one for one in recipients if one not in self._mailboxes)

    def undelivered(self, recipient: str, up_to: Position, limit: int | None = None) -> tuple[Undelivered, ...]:
        found = self._ground.undelivered(recipient, up_to, limit)
        fresh = tuple(one for one in found if one.id not in self._deliveries)
        if limit is None or len(fresh) == len(found) or len(found) < limit:
            return fresh
        # Some of the first have been confirmed in this batch, so that others come into their places.
        more = self._ground.undelivered(recipient, up_to, limit + len(self._deliveries))
        return tuple(one for one in more if one.id not in self._deliveries)[:limit]

    def is_undelivered(self, disclosure: DisclosureRecord) -> bool:
        """Say whether no machine of the recipient has confirmed it yet."""
        box = self.mailbox(disclosure.recipient)
        kept = disclosure.generation == box.generation and box.kept_from <= (disclosure.number or 0)
        return kept and not self.has_arrived(disclosure.id)

    def has_arrived(self, disclosure: str) -> bool:
        """Say whether some machine of the recipient has confirmed a message."""
        return disclosure in self._deliveries or self._ground.has_arrived(disclosure)

    def received(self, recipient: str, subject: str, up_to: Position | None) -> tuple[DisclosureRecord, ...]:
        own = tuple(
            told
            for told in self._disclosures.values()
            if (told.recipient, told.subject) == (recipient, subject)
            and told.generation is not None
            and (up_to is None or (told.generation, told.number or 0) <= (up_to.generation, up_to.number))
        )
        return (*self._ground.received(recipient, subject, up_to), *own)

    def mail_of(self, disclosure: str) -> MailRecord | None:
        own = next((mail for mail in self._mail if mail.disclosure == disclosure), None)
        return own or self._ground.mail_of(disclosure)

    def disclosure(self, disclosure_id: str) -> DisclosureRecord | None:
        return self._disclosures.get(disclosure_id) or self._ground.disclosure(disclosure_id)

    def acknowledgement(self, acknowledgement_id: str) -> AcknowledgementRecord | None:
        return self._acknowledgements.get(acknowledgement_id) or self._ground.acknowledgement(acknowledgement_id)

    def consulted(self, key: str) -> bool:
        return key in self._consulted or self._ground.consulted(key)

    def due(self, now: datetime, limit: int) -> tuple[DueDeadline, ...]:
        return self._ground.due(now, limit)

    def protocols(self) -> tuple[ProtocolRecord, ...]:
        below = {(record.name, record.version): record for record in self._ground.protocols()}
        return tuple((below | self._protocols).values())

    def agencies(self) -> tuple[Agency, ...]:
        below = {agency.id: agency for agency in self._ground.agencies()}
        return tuple((below | self._agencies).values())

    # Writes

    def add_event(self, event: EventRecord) -> None:
        self._events[(event.source, event.id)] = event

    def put_episode(self, episode: Episode) -> None:
        self._episodes[episode.id] = episode

    def put_placement(self, placement: Placement) -> None:
        self._placements[placement.handle] = placement

    def add_pseudonym(self, subject: str, pseudonym: str) -> None:
        self._pseudonyms[subject] = pseudonym

    def add_handle(self, handle: str, agency: str, reference: bytes) -> None:
        self._handles[(agency, reference)] = handle

    def add_identifier(self, handle: str, identifier: bytes) -> None:
        self._identifiers[(handle, identifier)] = None

    def learn(self, reader: str, subject: str, agencies: Iterable[str]) -> None:
        """From now on the reader may be shown these agencies in connection with the subject."""
        self._knowledge[(reader, subject)] = self._knowledge.get((reader, subject), frozenset()).union(agencies)

    def add_form(self, form: Form) -> None:
        """Keep what details share, once."""
        self._forms[form.id] = form.content

    def add_disclosure(self, disclosure: DisclosureRecord) -> None:
        self._disclosures[disclosure.id] = disclosure

    def add_mail(self, mail: MailRecord, mailbox: Mailbox) -> None:
        """Put a message into a mailbox, whose state after it is given."""
        self._mail.append(mail)
        self._mailboxes[mailbox.recipient] = mailbox

    def put_mailbox(self, mailbox: Mailbox) -> None:
        self._mailboxes[mailbox.recipient] = mailbox

    def add_delivery(self, delivery: Delivery) -> None:
        self._deliveries[delivery.disclosure] = delivery

    def add_acknowledgement(self, acknowledgement: AcknowledgementRecord) -> None:
        self._acknowledgements[acknowledgement.id] = acknowledgement

    def add_consultation(self, key: str) -> None:
        self._consulted[key] = None

    def put_agency(self, agency: Agency) -> None:
        self._agencies[agency.id] = agency

    def put_police_area(self, area: str, force: str) -> None:
        self._police_areas[area] = force

    def put_protocol(self, protocol: ProtocolRecord) -> None:
        self._protocols[(protocol.name, protocol.version)] = protocol

    def also(self, write: Callable[[Unit], None]) -> None:
        """Write something in the same transaction that no step reads from a draft. It must not fail."""
        self._more.append(write)

    # Fate

    def absorb(self, draft: "Draft") -> None:
        """Take over everything that another draft, laid over this one, would change."""
        for (reader, subject), agencies in draft._knowledge.items():  # noqa: SLF001 (another of its own kind)
            self.learn(reader, subject, agencies)
        for name, theirs in vars(draft).items():
            if not theirs or name == "_knowledge":
                continue
            if isinstance(theirs, dict):
                getattr(self, name).update(theirs)
            elif isinstance(theirs, list):
                getattr(self, name).extend(theirs)

    def is_empty(self) -> bool:
        """Say whether nothing would change."""
        return not any(kept for kept in vars(self).values() if isinstance(kept, dict | list))

    def letters(self) -> list[Letter]:
        """Return the mail, each message with the trace of its acceptance."""
        return [Letter(mail, self._disclosures[mail.disclosure].trace) for mail in self._mail]

    def write(self, unit: Unit) -> None:
        """Hand every change to the unit; but the entries, which come first and in places of their own."""
        unit.add_pseudonyms(self._pseudonyms)
        unit.add_handles([(handle, agency, mark) for (agency, mark), handle in self._handles.items()])
        unit.add_identifiers(list(self._identifiers))
        unit.put_placements(list(self._placements.values()))
        unit.put_episodes(list(self._episodes.values()))
        unit.add_events(list(self._events.values()))
        unit.add_knowledge(
            [(reader, subject, agency) for (reader, subject), known in self._knowledge.items() for agency in known]
        )
        unit.add_forms(self._forms)
        unit.add_disclosures(list(self._disclosures.values()))
        unit.add_mail(self._mail)
        unit.put_mailboxes(list(self._mailboxes.values()))
        unit.add_deliveries(list(self._deliveries.values()))
        unit.add_acknowledgements(list(self._acknowledgements.values()))
        unit.add_consultations(list(self._consulted))
        for agency in self._agencies.values():
            unit.put_agency(agency)
        for area, force in self._police_areas.items():
            unit.put_police_area(area, force)
        for protocol in self._protocols.values():
            unit.put_protocol(protocol)
        for write in self._more:
            write(unit)
