"""The zoo: specs, adapters and clients, each broken in one way, and the sound ones that they are made from.

The suite is held to them: each must be caught by the clause that it breaks, and a sound one by none.
"""
