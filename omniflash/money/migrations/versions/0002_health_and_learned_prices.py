"""How each account is doing, and what is needed to learn from charges how far a price row can be trusted."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.add_column("omniflash_orders", sa.Column("priced", sa.String(40)))
    op.add_column("omniflash_orders", sa.Column("quote_unit", sa.String(40)))
    op.add_column("omniflash_orders", sa.Column("quote_unit_usd", sa.String(60)))
    op.add_column("omniflash_orders", sa.Column("charge_usd", sa.String(60)))
    op.execute("UPDATE omniflash_orders SET charge_usd = charge WHERE charge_unit = 'USD'")
    op.create_index("ix_omniflash_orders_priced_sandbox_n", "omniflash_orders", ["priced", "sandbox", "n"])
    op.create_table(
        "omniflash_health",
        sa.Column("account", sa.String(120), nullable=False),
        sa.Column("sandbox", sa.Boolean, nullable=False),
        sa.Column("health", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("account", "sandbox", name="pk_omniflash_health"),
    )
