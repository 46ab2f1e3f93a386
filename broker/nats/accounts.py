"""What each account may do: claims of SYS, HUB and the agencies, and the credentials of their users.

HUB exports what an agency may reach, with the place in the subject where the account's own public key must stand; the
server refuses an import whose token is another's. An agency's account has no JetStream, no exports, and imports its
own subjects under readable names.
"""

from typing import Any

from broker.nats.jwt import creds, encode
from broker.nats.keys import Account, Keys
from contracts.agency import Agency

STREAM = "OUT"
"""The stream of everything that the hub has for agencies."""
API_PREFIX = "HUB.API"
"""Under which an agency reaches its consumer. `$JS.API` would be answered by its own account, which has none."""
MAX_CONSUMERS = 20_000
"""Durables in HUB, and on OUT. Unlimited is taken as 1,000 by the server for a stream, so it is said."""
LARGEST_ACCOUNT_CONNECTIONS = 64
"""Connections of one agency at once: a few systems with a few replicas, and never the server's all."""
_UNLIMITED = -1
_CONNECTS_AS = ["STANDARD", "LEAFNODE"]
"""Plain clients and an agency's own server. Neither MQTT nor websockets, which know no such permissions."""


def inbox_prefix(agency_id: str) -> str:
    """Return where an agency's replies come in."""
    return f"_INBOX_{agency_id}"


def system_claims(keys: Keys, issued_at: int) -> str:
    """Return the signed claims of SYS."""
    return _account(keys, keys.system, issued_at, {"limits": _limits(connections=_UNLIMITED)})


def hub_claims(keys: Keys, issued_at: int) -> str:
    """Return the signed claims of HUB: JetStream, and the exports that agencies may import."""
    limits = _limits(connections=_UNLIMITED) | {
        "mem_storage": _UNLIMITED,
        "disk_storage": _UNLIMITED,
        "streams": _UNLIMITED,
        "consumer": MAX_CONSUMERS,
    }
    exports = [
        _export("publish", "in.*.>", 2),
        _export("next", f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.*", 7) | {"response_type": "Stream"},
        _export("info", f"$JS.API.CONSUMER.INFO.{STREAM}.*", 6),
        _export("ack", f"$JS.ACK.{STREAM}.*.>", 4),
        _export("ack-v2", f"$JS.ACK.*.*.{STREAM}.*.>", 6),
    ]
    return _account(keys, keys.hub, issued_at, {"limits": limits, "exports": exports})


def agency_claims(keys: Keys, agency: Agency, issued_at: int) -> str:
    """Return the signed claims of an agency's account; those of one that has left let nobody in and reach nothing."""
    account = keys.agency(agency)
    if not agency.active:
        shut = {"limits": _limits(connections=0), "revocations": {"*": issued_at}}
        return _account(keys, Account(account.name, account.public, ()), issued_at, shut)
    imports = [
        {
            "name": name,
            "subject": theirs,
            "account": keys.hub.public,
            "local_subject": ours,
            "type": "service",
        }
        for scope, name, ours, theirs in _reaches(agency.id, account.public)
        if scope in agency.scopes
    ]
    limits = _limits(connections=LARGEST_ACCOUNT_CONNECTIONS)
    return _account(keys, account, issued_at, {"limits": limits, "imports": imports})


def agency_creds(keys: Keys, agency: Agency, issued_at: int) -> str:
    """Return the `.creds` file of an agency, under its newest key. LookupError if it has no key or has left."""
    account = keys.agency(agency)
    if not agency.active or not account.signing:
        raise LookupError("an agency without a registered key cannot come in over NATS either")
    allowed = {
        "pub": {"allow": [ours for _, _, ours, _ in _reaches(agency.id, account.public)]},
        "sub": {"allow": [f"{inbox_prefix(agency.id)}.>"]},
    }
    return _user(keys, account, issued_at, allowed | {"allowed_connection_types": _CONNECTS_AS})


def hub_creds(keys: Keys, issued_at: int) -> str:
    """Return the credentials of the hub itself: everything in HUB."""
    return _user(keys, keys.hub, issued_at, {"allowed_connection_types": ["STANDARD"]})


def system_creds(keys: Keys, issued_at: int) -> str:
    """Return the credentials for the server's own subjects: pushing claims and asking for running settings."""
    allowed = {"pub": {"allow": ["$SYS.REQ.>"]}, "sub": {"allow": ["_INBOX.>"]}}
    return _user(keys, keys.system, issued_at, allowed | {"allowed_connection_types": ["STANDARD"]})


def _reaches(agency_id: str, token: str) -> list[tuple[str, str, str, str]]:
    """Scope, name, subject as the agency writes it, subject as HUB sees it."""
    return [
        ("publish", "publish", f"in.{agency_id}.>", f"in.{token}.>"),
        (
            "subscribe",
            "next",
            f"{API_PREFIX}.CONSUMER.MSG.NEXT.{STREAM}.{agency_id}",
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{token}",
        ),
        (
            "subscribe",
            "info",
            f"{API_PREFIX}.CONSUMER.INFO.{STREAM}.{agency_id}",
            f"$JS.API.CONSUMER.INFO.{STREAM}.{token}",
        ),
        # An ack is sent to the reply subject that came with the message: it cannot be renamed.
        ("subscribe", "ack", f"$JS.ACK.{STREAM}.{token}.>", f"$JS.ACK.{STREAM}.{token}.>"),
        ("subscribe", "ack-v2", f"$JS.ACK.*.*.{STREAM}.{token}.>", f"$JS.ACK.*.*.{STREAM}.{token}.>"),
    ]


def _export(name: str, subject: str, token_position: int) -> dict[str, Any]:
    return {"name": name, "subject": subject, "type": "service", "account_token_position": token_position}


def _limits(*, connections: int) -> dict[str, Any]:
    """Limits without any JetStream; zero connections also means no leaf nodes."""
    unlimited = dict.fromkeys(("subs", "data", "payload", "imports", "exports"), _UNLIMITED)
    return unlimited | {"wildcards": True, "conn": connections, "leaf": connections}


def _account(keys: Keys, account: Account, issued_at: int, claims: dict[str, Any]) -> str:
    claims = claims | {"signing_keys": [key.public for key in account.signing], "default_permissions": {}}
    return encode("account", account.name, account.public, keys.operator_signing, issued_at, claims)


def _user(keys: Keys, account: Account, issued_at: int, claims: dict[str, Any]) -> str:
    signing = account.signing[0]
    user = keys.user(account, signing)
    unlimited = dict.fromkeys(("subs", "data", "payload"), _UNLIMITED)
    claims = {"pub": {}, "sub": {}} | unlimited | claims | {"issuer_account": account.public}
    return creds(encode("user", account.name, user.public, signing, issued_at, claims), user)
