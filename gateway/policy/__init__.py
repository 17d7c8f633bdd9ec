"""Adapters to the policy engine, and the bundle of rules that it decides by."""
