"""The ways through the house, each written once: generators of effects that any driver can run."""
