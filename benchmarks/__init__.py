"""What the gateway costs, measured beside what one would build oneself; see README.md."""
