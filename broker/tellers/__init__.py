"""Processes that tell beside the hub's own."""
