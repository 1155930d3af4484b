"""The ledger's tables, for any database that SQLAlchemy speaks to. What changes here needs a migration beside it."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text

VERSION = "0002"  # of the newest migration
VERSION_TABLE = "omniflash_version"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# As Alembic makes it, which keeps it from then on.
version_table = Table(VERSION_TABLE, metadata, Column("version_num", String(32), primary_key=True))

# One row for each paid call that was ever about to be made. Amounts are decimal numbers as text, times are UTC.
orders = Table(
    "omniflash_orders",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("id", String(80), nullable=False, unique=True),
    Column("key", String(200), unique=True),
    Column("state", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("account", String(120), nullable=False),
    Column("provider", String(120), nullable=False),
    Column("version", String(40), nullable=False),
    Column("mode", String(40), nullable=False),
    Column("endpoint", String(300), nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("handle", String(200)),
    Column("job", Text),
    Column("quote", String(60)),
    Column("bound", String(60)),
    Column("charge", String(60)),
    Column("charge_unit", String(40)),
    Column("outcome", String(20)),
    Column("billed", String(20)),
    Column("told", Text),
    Column("file", Text),
    Column("run", String(40), nullable=False),
    Column("sent", Text, nullable=False),
    Column("holder", String(300)),
    Column("held_until", DateTime(timezone=True)),
    Column("intended_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("priced", String(40)),
    Column("quote_unit", String(40)),
    Column("quote_unit_usd", String(60)),
    Column("charge_usd", String(60)),
    Index(None, "state", "n"),
    Index(None, "provider", "handle"),
    Index(None, "intended_at"),
    Index(None, "priced", "sandbox", "n"),
)

# Everything that happened to an order, in its order.
trail = Table(
    "omniflash_trail",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("order_n", Integer, ForeignKey(orders.c.n), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("entry", String(20), nullable=False),
    Column("told", Text, nullable=False),
)

# How each account has been doing, as one value that is read and written whole.
health = Table(
    "omniflash_health",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("sandbox", Boolean, primary_key=True),
    Column("health", Text, nullable=False),
)
