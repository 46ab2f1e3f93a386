"""The one writer in a process of its own, where a hub has much to write."""
