"""The first ledger: orders, and what happened to them."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "omniflash_orders",
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("account", sa.String(120), nullable=False),
        sa.Column("provider", sa.String(120), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("endpoint", sa.String(300), nullable=False),
        sa.Column("sandbox", sa.Boolean, nullable=False),
        sa.Column("handle", sa.String(200)),
        sa.Column("job", sa.Text),
        sa.Column("quote", sa.String(60)),
        sa.Column("bound", sa.String(60)),
        sa.Column("charge", sa.String(60)),
        sa.Column("charge_unit", sa.String(40)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("billed", sa.String(20)),
        sa.Column("told", sa.Text),
        sa.Column("file", sa.Text),
        sa.Column("run", sa.String(40), nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("holder", sa.String(300)),
        sa.Column("held_until", TIME),
        sa.Column("intended_at", TIME, nullable=False),
        sa.Column("settled_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("delivered_at", TIME),
        sa.PrimaryKeyConstraint("n", name="pk_omniflash_orders"),
        sa.UniqueConstraint("id", name="uq_omniflash_orders_id"),
        sa.UniqueConstraint("key", name="uq_omniflash_orders_key"),
    )
    op.create_index("ix_omniflash_orders_state_n", "omniflash_orders", ["state", "n"])
    op.create_index("ix_omniflash_orders_provider_handle", "omniflash_orders", ["provider", "handle"])
    op.create_index("ix_omniflash_orders_intended_at", "omniflash_orders", ["intended_at"])
    op.create_table(
        "omniflash_trail",
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("order_n", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("entry", sa.String(20), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_omniflash_trail"),
        sa.ForeignKeyConstraint(["order_n"], ["omniflash_orders.n"], name="fk_omniflash_trail_order_n"),
    )
    op.create_index("ix_omniflash_trail_order_n", "omniflash_trail", ["order_n"])
