"""What the relay to NATS keeps: leases, the stream it made, positions, channel keys, and the trace of a disclosure."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("disclosures", sa.Column("trace", NAME, nullable=True))
    op.create_table(
        "leases",
        sa.Column("name", NAME, nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="leases_pk"),
    )
    op.create_table(
        "out_stream",
        sa.Column("name", NAME, nullable=False),
        sa.Column("created", NAME, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", NAME, nullable=True),
        sa.PrimaryKeyConstraint("name", name="out_stream_pk"),
    )
    op.create_table(
        "out_positions",
        sa.Column("recipient", NAME, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("acked", sa.BigInteger(), nullable=False),
        sa.Column("acked_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name="out_positions_pk"),
    )
    op.create_table(
        "channel_keys",
        sa.Column("kid", NAME, nullable=False),
        sa.Column("agency", NAME, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kid", name="channel_keys_pk"),
    )
    op.create_index("channel_keys_agency_begun_at_index", "channel_keys", ["agency", "begun_at"], unique=False)
