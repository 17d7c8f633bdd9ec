"""
The registers: what agencies, persons acting and persons concerned have agreed to or are.

One small class per subject, each standing on ``registration.Registrar``. What a register
says becomes a fact that policy sees; nothing here decides about a disclosure.
"""
