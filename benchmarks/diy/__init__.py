"""The rival: what an agency would build itself from the same parts, honestly, in one file."""
