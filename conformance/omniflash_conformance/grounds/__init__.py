"""Where a subject is held to the clauses: on the sandbox, on recordings, or at the real vendor."""
