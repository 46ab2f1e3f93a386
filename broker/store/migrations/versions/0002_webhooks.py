"""Webhooks: endpoints, who works them, their queue, their attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def _of_endpoint(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["endpoint"], ["endpoints.id"], name=f"{table}_endpoint_fk", initially="DEFERRED", deferrable=True
    )


def upgrade() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", NAME, nullable=False),
        sa.Column("agency", NAME, nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("content", NAME, nullable=False),
        sa.Column("order", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("cursor_generation", sa.BigInteger(), nullable=False),
        sa.Column("cursor_number", sa.BigInteger(), nullable=False),
        sa.Column("switched_off", NAME, nullable=True),
        sa.Column("switched_off_at", INSTANT, nullable=True),
        sa.Column("former_until", INSTANT, nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="endpoints_pk"),
    )
    op.create_index("endpoints_agency_index", "endpoints", ["agency"], unique=False)
    op.create_table(
        "endpoint_leases",
        sa.Column("endpoint", NAME, nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        _of_endpoint("endpoint_leases"),
        sa.PrimaryKeyConstraint("endpoint", name="endpoint_leases_pk"),
    )
    op.create_table(
        "webhook_queue",
        sa.Column("endpoint", NAME, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("disclosure", NAME, nullable=False),
        sa.Column("lane", NAME, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("stepped_over", sa.Boolean(), nullable=False),
        _of_endpoint("webhook_queue"),
        sa.PrimaryKeyConstraint("endpoint", "generation", "number", name="webhook_queue_pk"),
    )
    op.create_index(
        "webhook_queue_endpoint_state_stepped_over_due_at_index",
        "webhook_queue",
        ["endpoint", "state", "stepped_over", "due_at"],
        unique=False,
    )
    op.create_index(
        "webhook_queue_endpoint_lane_generation_number_index",
        "webhook_queue",
        ["endpoint", "lane", "generation", "number"],
        unique=False,
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("endpoint", NAME, nullable=False),
        sa.Column("message", NAME, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        _of_endpoint("webhook_attempts"),
        sa.PrimaryKeyConstraint("sequence", name="webhook_attempts_pk"),
        sa.UniqueConstraint("id", name="webhook_attempts_id_unique"),
    )
    op.create_index("webhook_attempts_endpoint_sequence_index", "webhook_attempts", ["endpoint", "sequence"], unique=False)
    op.create_index("webhook_attempts_at_index", "webhook_attempts", ["at"], unique=False)
