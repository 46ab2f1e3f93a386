"""The ledger's mathematics, pure: a growing RFC 6962 tree, its proofs and tiles, signed checkpoints, padded batches."""
