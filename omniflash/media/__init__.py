"""Looking into clips."""
