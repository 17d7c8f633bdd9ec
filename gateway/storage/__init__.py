"""Adapters to SQL: one writer, the log's tables, registers, readers and migrations."""
