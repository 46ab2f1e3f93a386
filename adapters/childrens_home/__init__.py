"""A children's home: reports a child missing from its own child file, and says when the child is back."""
