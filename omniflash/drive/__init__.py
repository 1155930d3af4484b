"""The interpreters of effects: the only rooms where a connection, a file or a clock is touched."""
