"""What Alembic runs to bring a ledger up to date; the connection is the ledger's own."""

from alembic import context

from omniflash.money.tables import VERSION_TABLE, metadata

PREFIX = "omniflash_"


def ours(name: str | None, kind: str, _: object) -> bool:
    """Whether a table is the ledger's: it may stand in a database with others."""
    return kind != "table" or (name != VERSION_TABLE and (name or "").startswith(PREFIX))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
