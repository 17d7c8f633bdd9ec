"""
The append-only log as a pure machine: entry, tree, checkpoint, proof, verification, export.

Nothing here reads a database, a network or a clock. Verification needs ``cryptography``
and the standard library alone.
"""
