"""Webhooks as rules: what an endpoint wants, what may go now, when to try again, how a message is signed. Pure."""
