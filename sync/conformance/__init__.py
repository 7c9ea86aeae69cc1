"""The conformance kit: does a server that claims to implement ``/v1`` keep the contract?

Speaks the wire only. It knows ``sync.contract`` and nothing of the reference platform, so that the team of a
real platform can run it against a test system of theirs.
"""
