"""
A witness (C2SP tlog-witness): a member agency's own program that cosigns what only grew.

It stands alone: nothing here imports the gateway's services, its database or its settings, and
it runs where the gateway's administrators have no access.
"""
