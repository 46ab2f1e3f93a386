"""Leases of endpoints are leases like any other. Those that stand are left behind: nobody works while this runs."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None



def upgrade() -> None:
    op.drop_table("endpoint_leases")
