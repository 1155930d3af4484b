"""Recordings of the wire: cassettes that a person can read, made against a server that each of them names."""
