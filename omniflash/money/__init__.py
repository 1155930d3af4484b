"""Money: quotes before a job, and the entries of the ledger that every paid call makes."""
