"""What can fail to hold when a proof is checked. Each message says what, in words for the person who ran the check."""


class VerificationError(ValueError):
    """Something that was to be proved does not hold."""


class MalformedError(VerificationError):
    """A key, note, checkpoint, proof, tile or entry is not in its format."""


class SignatureError(VerificationError):
    """A note is not signed by the key that is trusted, or its text is not what was signed."""


class ProofError(VerificationError):
    """A Merkle proof does not lead to the signed root."""
