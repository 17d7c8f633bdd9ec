"""The commands of operators, auditors and policy authors; the only room that prints."""
