"""For those who write policy: run its tests, explain a decision, compare engines, lint."""
