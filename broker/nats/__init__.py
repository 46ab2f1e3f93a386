"""The same path over NATS: the server, the accounts of the agencies, and the hub's connection."""
