"""A charity: learns what it may of a missing child, and acknowledges."""
