"""Who should make a job: who can, what it costs there, and in which order to ask."""
