"""A health provider: learns what it may of a missing child, and acknowledges."""
