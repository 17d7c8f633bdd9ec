"""The words of the law and of the field as immutable values; standard library only."""
