"""What the use cases ask of the world: one Protocol per file, few methods each."""
