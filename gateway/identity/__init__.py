"""Adapters that turn an assertion or a token into the agency's system behind it."""
