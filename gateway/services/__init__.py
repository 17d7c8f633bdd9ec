"""The use cases. The policy enforcement point lives in ``disclose`` and nowhere else."""
