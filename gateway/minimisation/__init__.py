"""
Pure transforms by which a record shrinks to what a decision permits.

Both the controller's client and the gateway-sealed path run these; nothing here needs
more than the standard library, except the record check, which a server runs.
"""
