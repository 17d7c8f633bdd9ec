"""Adapters that sign log heads; each keeps its own memory of what it last signed."""
