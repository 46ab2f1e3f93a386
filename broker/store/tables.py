"""The main database. In clear stand ids, codes, times, hashes and keyed MACs alone; all else is sealed.

Subjects are `episode/<id>` or `child/<handle>`: random ids. The unique constraints are the backstop of the sequencer.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from broker.store.columns import Codes, Instant, Name, Sealed

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "ix": "%(table_name)s_%(column_0_N_name)s_index",
    }
)


def _points_at(target: str) -> ForeignKey:
    """A reference judged at the commit: a unit may add its rows in any order."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: the row that is the writers' lock
    Column("frontier", LargeBinary, nullable=False),  # size and peaks of the tree: the only place that says its size
    Column("registry_version", BigInteger, nullable=False),  # lets a replica keep the registry until it changes
)

agencies = Table(
    "agencies",
    metadata,
    Column("id", Name, primary_key=True),  # the agency's public id
    Column("document", Text, nullable=False),  # JSON: name, kind, areas, public keys, duty number
)

police_areas = Table(
    "police_areas",
    metadata,
    Column("area", Name, primary_key=True),  # ONS GSS code
    Column("force", Name, nullable=False),  # agency id of the force that polices it
)

protocols = Table(
    "protocols",
    metadata,
    Column("name", Name, nullable=False),  # the protocol's name
    Column("version", Integer, nullable=False),  # its version
    Column("document", Text, nullable=False),  # JSON of the document as signed
    Column("fingerprint", Name, nullable=False),  # hash of the signed bytes, as entries cite it
    Column("signed_by", Codes, nullable=False),  # agency ids whose signature holds, sorted
    Column("activated_at", Instant),  # when it came into use at this hub
    Column("ended_at", Instant),  # when it was taken out of use
    PrimaryKeyConstraint("name", "version"),
)

entries = Table(
    "entries",
    metadata,
    Column("place", BigInteger, primary_key=True, autoincrement=False),  # place in the tree
    Column("id", Name, nullable=False),  # random id; a disclosure has its entry's
    Column("operation", Name, nullable=False),  # what it records, as the leaf says
    Column("leaf", LargeBinary, nullable=False),  # exact leaf bytes: commitments and ids, never data
    Column("leaf_hash", LargeBinary, nullable=False),  # RFC 6962 leaf hash: tile level 0
    Column("scope_subject", Name),  # whose key seals the opening: subject
    Column("scope_controller", Name),  # … and controller; both empty for padding
    Column("opening", Sealed),  # keys and details that open the commitments; sealed
    UniqueConstraint("id"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("level", Integer, nullable=False),  # tile level, from 1
    Column("place", BigInteger, nullable=False),  # place in the level
    Column("hash", LargeBinary, nullable=False),  # root of a complete subtree of 256^level leaves
    PrimaryKeyConstraint("level", "place"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),  # tree size: published once
    Column("root", LargeBinary, nullable=False),  # the root that was signed
    Column("note", Text, nullable=False),  # the signed note, as served
    Column("at", Instant, nullable=False),  # when it was published
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # order of acceptance
    Column("source", Name, nullable=False),  # absolute source: half of the idempotency key
    Column("id", Name, nullable=False),  # the publisher's random id: the other half
    Column("type", Name, nullable=False),  # contract, for reading history by kind
    Column("subject", Name, nullable=False),  # what it is about
    Column("controller", Name, nullable=False),  # whose event it is: with the subject, the sealing scope
    Column("mac", LargeBinary, nullable=False),  # keyed MAC of what was sent: tells a retry from another event
    Column("accepted_at", Instant, nullable=False),  # the hub's time of acceptance
    Column("entry", Name, _points_at("entries.id"), nullable=False),  # no event without its ledger entry
    Column("content", Sealed),  # the CloudEvent; sealed
    Column("receipt", Sealed),  # what the publisher was answered; sealed
    UniqueConstraint("source", "id"),
    Index(None, "entry"),  # the event whose acceptance an entry records
    Index(None, "subject", "sequence"),
    Index(None, "controller", "subject"),
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", Name, primary_key=True),  # the episode's random id
    Column("state", Sealed, nullable=False),  # how it stands; sealed: a risk level says something of a child
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("episode", Name, _points_at("episodes.id"), nullable=False),  # whose clock it is
    Column("id", Name, nullable=False),  # the deadline's id
    Column("due_at", Instant, nullable=False),  # when it is reached; only running ones stand here
    PrimaryKeyConstraint("episode", "id"),
    Index(None, "due_at"),
)

placements = Table(
    "placements",
    metadata,
    Column("handle", Name, primary_key=True),  # the child's random handle
    Column("state", Sealed, nullable=False),  # the record; sealed: an area says where a child lives
)

pseudonyms = Table(
    "pseudonyms",
    metadata,
    Column("subject", Name, primary_key=True),  # an episode's subject
    Column("pseudonym", Name, nullable=False),  # the random name that details use for it
    UniqueConstraint("pseudonym"),
)

handles = Table(
    "handles",
    metadata,
    Column("agency", Name, primary_key=True),  # whose reference it is
    Column("reference", LargeBinary, primary_key=True),  # keyed MAC of that reference
    Column("handle", Name, nullable=False),  # random handle of the child; other agencies' references may lead to it too
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("identifier", LargeBinary, nullable=False),  # keyed MAC of an identifier such as the NHS number
    Column("handle", Name, nullable=False),  # a handle of a child that has it
    PrimaryKeyConstraint("identifier", "handle"),
)

knowledge = Table(
    "knowledge",
    metadata,
    Column("reader", Name, nullable=False),  # the agency that knows
    Column("subject", Name, nullable=False),  # … in this episode
    Column("agency", Name, nullable=False),  # … of this agency's part
    PrimaryKeyConstraint("reader", "subject", "agency"),
)

path_sets = Table(
    "path_sets",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # digest of the paths: equal sets are kept once
    Column("paths", Codes, nullable=False),  # contract paths, never values
)

forms = Table(
    "forms",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # digest of the content: equal ones are kept once
    Column("content", LargeBinary, nullable=False),  # what details share: paths, clauses and bases, never ids or values
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # order of decision
    Column("id", Name, _points_at("entries.id"), nullable=False),  # append before release
    Column("event_source", Name, nullable=False),  # which event was decided on
    Column("event_id", Name, nullable=False),  # … by its idempotency key
    Column("type", Name, nullable=False),  # its contract
    Column("subject", Name, nullable=False),  # what it is about
    Column("child", Name),  # handle of the child, for access requests
    Column("publisher", Name, nullable=False),  # controller of the event
    Column("recipient", Name, nullable=False),  # who was told, or was not
    Column("roles", Codes, nullable=False),  # the recipient's roles at that moment
    Column("outcome", Name, nullable=False),  # disclosed or withheld
    Column("reason", Name),  # coded reason for not telling
    Column("at", Instant, nullable=False),  # when it was decided
    Column("event_time", Instant, nullable=False),  # the event's own time
    Column("protocol", Name),  # name@version that released it
    Column("released", LargeBinary, _points_at("path_sets.id"), nullable=False),  # paths released or transformed
    Column("withheld", LargeBinary, _points_at("path_sets.id"), nullable=False),  # paths withheld
    Column("generation", BigInteger),  # mailbox generation of its message
    Column("number", BigInteger),  # … and its number there
    Column("trace", Name),  # traceparent of the acceptance, random ids
    UniqueConstraint("id"),
    Index(None, "subject", "sequence"),
    Index(None, "child", "sequence"),
    Index(None, "publisher", "sequence"),
    Index(None, "recipient", "sequence"),
    Index(None, "recipient", "subject"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("recipient", Name, primary_key=True),  # whose mailbox
    Column("generation", BigInteger, nullable=False),  # a restore begins a new one
    Column("top", BigInteger, nullable=False),  # highest number given
    Column("kept_from", BigInteger, nullable=False),  # lowest number still kept
    Column("confirmed", BigInteger, nullable=False),  # up to here its machine has dealt with everything
)

mail = Table(
    "mail",
    metadata,
    Column("recipient", Name, nullable=False),  # whose mailbox
    Column("generation", BigInteger, nullable=False),  # its generation
    Column("number", BigInteger, nullable=False),  # 1, 2, 3 … without gaps
    Column("disclosure", Name, _points_at("disclosures.id"), nullable=False),  # no message without its disclosure
    Column("type", Name, nullable=False),  # for a subscription's filter
    Column("subject", Name, nullable=False),  # likewise
    Column("scope_subject", Name, nullable=False),  # whose key seals the content: subject
    Column("scope_controller", Name, nullable=False),  # … and controller
    Column("content", Sealed),  # the CloudEvent as this recipient gets it; sealed
    Column("at", Instant, nullable=False),  # when it was put here
    Column("delivered", Boolean, nullable=False, server_default=false()),  # whether it arrived out of its order
    PrimaryKeyConstraint("recipient", "generation", "number"),
    Index(None, "disclosure"),
)
Index(
    "mail_undelivered_index",  # the few that are still on their way beyond what the mailbox says is confirmed
    mail.c.recipient,
    mail.c.generation,
    mail.c.number,
    sqlite_where=mail.c.delivered.is_(false()),
    postgresql_where=mail.c.delivered.is_(false()),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("disclosure", Name, _points_at("disclosures.id"), nullable=False),  # what arrived
    Column("channel", Name, nullable=False),  # by which way; the first time by each is kept
    Column("at", Instant, nullable=False),  # when the recipient's machine confirmed it
    PrimaryKeyConstraint("disclosure", "channel"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # order of acceptance
    Column("id", Name, nullable=False),  # its random id
    Column("disclosure", Name, _points_at("disclosures.id"), nullable=False),  # what was acknowledged
    Column("agency", Name, nullable=False),  # by whose person
    Column("action", Name, nullable=False),  # seen, acting, actioned, cannot_act
    Column("at", Instant, nullable=False),  # when
    Column("scope_subject", Name, nullable=False),  # whose key seals the content: subject
    Column("scope_controller", Name, nullable=False),  # … and controller
    Column("content", Sealed),  # who it was and the note; sealed
    UniqueConstraint("id"),
    Index(None, "disclosure", "sequence"),
)

consultations = Table(
    "consultations",
    metadata,
    Column("key", Name, primary_key=True),  # the flow's pseudonymous name of person, object and hour
)

leases = Table(
    "leases",
    metadata,
    Column("name", Name, primary_key=True),  # work that one replica at a time does: relay/<shard>, endpoint/<id>
    Column("holder", Name, nullable=False),  # the replica that does it: a random name, and where its process is
    Column("term", BigInteger, nullable=False),  # grows with every change of holder: fences what a former one writes
    Column("expires_at", Instant, nullable=False),  # from then on another may take it
)

out_stream = Table(
    "out_stream",
    metadata,
    Column("name", Name, primary_key=True),  # the JetStream stream that this hub has made
    Column("created", Name, nullable=False),  # its time of creation as the server says it: one made anew differs
    Column("last_sequence", BigInteger, nullable=False),  # the highest sequence that the server has confirmed
    Column("fingerprint", Name),  # of the server's at-rest key when the stream was made; empty where there is none
)

out_positions = Table(
    "out_positions",
    metadata,
    Column("recipient", Name, primary_key=True),  # whose mail
    Column("generation", BigInteger, nullable=False),  # its mailbox's generation
    Column("stored", BigInteger, nullable=False),  # up to this number it lies in the stream, or did
    Column("acked", BigInteger, nullable=False),  # up to this number the recipient's machine has confirmed it all
    Column("acked_sequence", BigInteger, nullable=False),  # the same place in this stream
)

channel_keys = Table(
    "channel_keys",
    metadata,
    Column("kid", Name, primary_key=True),  # random id; the key itself is in the key store
    Column("agency", Name, nullable=False),  # whose channel
    Column("begun_at", Instant, nullable=False),  # when it came into use
    Index(None, "agency", "begun_at"),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Name, primary_key=True),  # its random id
    Column("agency", Name, nullable=False),  # whose mail it gets
    Column("types", Codes, nullable=False),  # event types that it wants; none means all
    Column("content", Name, nullable=False),  # full or notice
    Column("order", Name, nullable=False),  # by episode or none
    Column("created_at", Instant, nullable=False),  # when it was made
    Column("cursor_generation", BigInteger, nullable=False),  # up to here the mailbox has been queued for it …
    Column("cursor_number", BigInteger, nullable=False),  # … in that generation
    Column("switched_off", Name),  # why it is sent nothing
    Column("switched_off_at", Instant),  # … since when
    Column("former_until", Instant),  # until when the former keys sign too
    Column("failing_since", Instant),  # the first failure since the last success
    Column("secrets", Sealed, nullable=False),  # address and keys; sealed: either may be a password
    Index(None, "agency"),
)

webhook_queue = Table(
    "webhook_queue",
    metadata,
    Column("endpoint", Name, _points_at("endpoints.id"), nullable=False),  # where it is going
    Column("generation", BigInteger, nullable=False),  # place in the agency's mailbox
    Column("number", BigInteger, nullable=False),  # … its number in that generation
    Column("disclosure", Name, nullable=False),  # the id that it goes under, however often
    Column("lane", Name, nullable=False),  # the subject whose messages keep their order
    Column("state", Name, nullable=False),  # held, waiting, delivered, given_up
    Column("due_at", Instant, nullable=False),  # not before this moment
    Column("tries", Integer, nullable=False),  # attempts in this round
    Column("stepped_over", Boolean, nullable=False),  # whether it lets those behind it pass
    PrimaryKeyConstraint("endpoint", "generation", "number"),
    Index(None, "endpoint", "state", "stepped_over", "due_at"),
    Index(None, "endpoint", "lane", "generation", "number"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # order of recording
    Column("id", Name, nullable=False),  # its random id
    Column("endpoint", Name, _points_at("endpoints.id"), nullable=False),  # where it went
    Column("message", Name, nullable=False),  # the disclosure's id, or a test's
    Column("generation", BigInteger),  # place in the mailbox; empty for a test
    Column("number", BigInteger),  # … its number
    Column("at", Instant, nullable=False),  # when it was made
    Column("milliseconds", Integer, nullable=False),  # how long it took
    Column("outcome", Name, nullable=False),  # a code
    Column("status", Integer),  # HTTP status, if there was an answer
    UniqueConstraint("id"),
    Index(None, "endpoint", "sequence"),
    Index(None, "at"),
)
