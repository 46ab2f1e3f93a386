"""The first schema: registry, ledger, events, casework, disclosures, mailboxes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)
ON_ITS_WAY = sa.column("delivered", sa.Boolean()).is_(sa.false())


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", NAME, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="agencies_pk"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("size", name="checkpoints_pk"),
    )
    op.create_table(
        "consultations", sa.Column("key", NAME, nullable=False), sa.PrimaryKeyConstraint("key", name="consultations_pk")
    )
    op.create_table(
        "entries",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("operation", NAME, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scope_subject", NAME, nullable=True),
        sa.Column("scope_controller", NAME, nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("place", name="entries_pk"),
        sa.UniqueConstraint("id", name="entries_id_unique"),
    )
    op.create_table(
        "episodes",
        sa.Column("id", NAME, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="episodes_pk"),
    )
    op.create_table(
        "handles",
        sa.Column("agency", NAME, nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("handle", NAME, nullable=False),
        sa.PrimaryKeyConstraint("agency", "reference", name="handles_pk"),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("registry_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="head_pk"),
    )
    op.create_table(
        "identifiers",
        sa.Column("identifier", sa.LargeBinary(), nullable=False),
        sa.Column("handle", NAME, nullable=False),
        sa.PrimaryKeyConstraint("identifier", "handle", name="identifiers_pk"),
    )
    op.create_table(
        "knowledge",
        sa.Column("reader", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("agency", NAME, nullable=False),
        sa.PrimaryKeyConstraint("reader", "subject", "agency", name="knowledge_pk"),
    )
    op.create_table(
        "mailboxes",
        sa.Column("recipient", NAME, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("top", sa.BigInteger(), nullable=False),
        sa.Column("kept_from", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name="mailboxes_pk"),
    )
    op.create_table(
        "nodes",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="nodes_pk"),
    )
    op.create_table(
        "path_sets",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="path_sets_pk"),
    )
    op.create_table(
        "placements",
        sa.Column("handle", NAME, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("handle", name="placements_pk"),
    )
    op.create_table(
        "police_areas",
        sa.Column("area", NAME, nullable=False),
        sa.Column("force", NAME, nullable=False),
        sa.PrimaryKeyConstraint("area", name="police_areas_pk"),
    )
    op.create_table(
        "protocols",
        sa.Column("name", NAME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("activated_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", "version", name="protocols_pk"),
    )
    op.create_table(
        "pseudonyms",
        sa.Column("subject", NAME, nullable=False),
        sa.Column("pseudonym", NAME, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pseudonyms_pk"),
        sa.UniqueConstraint("pseudonym", name="pseudonyms_pseudonym_unique"),
    )
    op.create_table(
        "deadlines",
        sa.Column("episode", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["episode"], ["episodes.id"], name="deadlines_episode_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("episode", "id", name="deadlines_pk"),
    )
    op.create_index("deadlines_due_at_index", "deadlines", ["due_at"], unique=False)
    op.create_table(
        "disclosures",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("event_source", NAME, nullable=False),
        sa.Column("event_id", NAME, nullable=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("child", NAME, nullable=True),
        sa.Column("publisher", NAME, nullable=False),
        sa.Column("recipient", NAME, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("reason", NAME, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event_time", INSTANT, nullable=False),
        sa.Column("protocol", NAME, nullable=True),
        sa.Column("released", sa.LargeBinary(), nullable=False),
        sa.Column("withheld", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["entries.id"], name="disclosures_id_fk", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["released"], ["path_sets.id"], name="disclosures_released_fk", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["withheld"], ["path_sets.id"], name="disclosures_withheld_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("sequence", name="disclosures_pk"),
        sa.UniqueConstraint("id", name="disclosures_id_unique"),
    )
    op.create_index("disclosures_child_sequence_index", "disclosures", ["child", "sequence"], unique=False)
    op.create_index("disclosures_publisher_sequence_index", "disclosures", ["publisher", "sequence"], unique=False)
    op.create_index("disclosures_recipient_sequence_index", "disclosures", ["recipient", "sequence"], unique=False)
    op.create_index("disclosures_recipient_subject_index", "disclosures", ["recipient", "subject"], unique=False)
    op.create_index("disclosures_subject_sequence_index", "disclosures", ["subject", "sequence"], unique=False)
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("controller", NAME, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("entry", NAME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry"], ["entries.id"], name="events_entry_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("sequence", name="events_pk"),
        sa.UniqueConstraint("source", "id", name="events_source_id_unique"),
    )
    op.create_index("events_controller_subject_index", "events", ["controller", "subject"], unique=False)
    op.create_index("events_entry_index", "events", ["entry"], unique=False)
    op.create_index("events_subject_sequence_index", "events", ["subject", "sequence"], unique=False)
    op.create_table(
        "acknowledgements",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("disclosure", NAME, nullable=False),
        sa.Column("agency", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("scope_subject", NAME, nullable=False),
        sa.Column("scope_controller", NAME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["disclosure"],
            ["disclosures.id"],
            name="acknowledgements_disclosure_fk",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("sequence", name="acknowledgements_pk"),
        sa.UniqueConstraint("id", name="acknowledgements_id_unique"),
    )
    op.create_index(
        "acknowledgements_disclosure_sequence_index", "acknowledgements", ["disclosure", "sequence"], unique=False
    )
    op.create_table(
        "deliveries",
        sa.Column("disclosure", NAME, nullable=False),
        sa.Column("channel", NAME, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure"], ["disclosures.id"], name="deliveries_disclosure_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("disclosure", "channel", name="deliveries_pk"),
    )
    op.create_table(
        "mail",
        sa.Column("recipient", NAME, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("disclosure", NAME, nullable=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("scope_subject", NAME, nullable=False),
        sa.Column("scope_controller", NAME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("delivered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure"], ["disclosures.id"], name="mail_disclosure_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("recipient", "generation", "number", name="mail_pk"),
    )
    op.create_index("mail_disclosure_index", "mail", ["disclosure"], unique=False)
    op.create_index(
        "mail_undelivered_index",
        "mail",
        ["recipient", "generation", "number"],
        unique=False,
        sqlite_where=ON_ITS_WAY,
        postgresql_where=ON_ITS_WAY,
    )

    # The writers' lock, and an empty tree: eight bytes of size and no peaks.
    head = sa.table("head", sa.column("id"), sa.column("frontier", sa.LargeBinary()), sa.column("registry_version"))
    op.execute(head.insert().values(id=1, frontier=bytes(8), registry_version=0))
