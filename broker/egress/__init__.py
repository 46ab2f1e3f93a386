"""What the hub sends into networks that are not its own, and what it refuses to reach."""
