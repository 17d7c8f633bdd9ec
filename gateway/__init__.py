"""Tasuki: the one door through which agencies hand over case information."""
