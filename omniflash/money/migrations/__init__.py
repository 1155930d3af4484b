"""How a ledger of an older release becomes one of this: steps that are only ever added to."""
