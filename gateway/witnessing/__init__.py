"""What the gateway does so that member agencies watch its log: it shows them each head."""
