"""How each side knows the other."""

from typing import Any

NATS_USER = "natsUser"
TOKEN = "token"  # noqa: S105 (the name of a scheme)
SIGNATURE = "webhookSignature"
EXAMPLE_HUB = "https://hub.northmere.example"

_SCOPES = {"subscribe": "receive the agency's own mailbox, acknowledge, see its episodes"}


def schemes(hub: str | None) -> dict[str, Any]:
    """Return the security schemes; the token endpoint is that of the hub named, or of an invented one."""
    return {
        NATS_USER: {
            "type": "apiKey",
            "in": "user",
            "description": (
                "Operator mode of NATS. The `.creds` file that the hub's operator gave holds a user JWT of the "
                "agency's account, which is sent, and an Ed25519 seed (nkey), which is not: it signs the server's "
                "nonce. The account alone says who publishes. Each connection is under TLS."
            ),
        },
        TOKEN: {
            "type": "oauth2",
            "description": "Client credentials with private_key_jwt (RFC 7523); a token lives for ten minutes at most.",
            "flows": {
                "clientCredentials": {"tokenUrl": f"{hub or EXAMPLE_HUB}/oauth2/token", "availableScopes": _SCOPES}
            },
            "scopes": list(_SCOPES),
        },
        SIGNATURE: {
            "type": "httpApiKey",
            "name": "webhook-signature",
            "in": "header",
            "description": (
                "Standard Webhooks: the receiver checks the signature over `id.timestamp.body` and refuses a timestamp "
                "that is more than five minutes off. `v1` is HMAC-SHA-256 under the endpoint's secret (`whsec_…`), "
                "`v1a` Ed25519, to be checked with its public key (`whpk_…`). One that holds is enough."
            ),
        },
    }


def requires(name: str) -> list[dict[str, str]]:
    """Return the requirement of one scheme."""
    return [{"$ref": f"#/components/securitySchemes/{name}"}]
