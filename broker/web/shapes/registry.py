"""Agencies, protocols and tokens."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from broker.web.shapes.common import Moment
from contracts.vocabulary import AgencyKind


class RegisteredAgency(BaseModel):
    """One agency as the operator sees it."""

    id: str
    name: str
    kind: AgencyKind
    classes: list[str]
    areas: list[str] = Field(description="ONS GSS codes")
    has_channel: bool
    active: bool
    scopes: list[str]
    nats_content: Literal["full", "notice"]
    knows: dict[str, int] = Field(description="major versions that its system knows where it does not know the newest")
    keys: list[dict[str, str]] = Field(description="public JWKs")
    telephone: str | None


class ProtocolHead(BaseModel):
    """One version of a protocol, and who has signed it."""

    protocol: str
    version: int
    title: str | None
    in_force: dict[str, Any] | None = Field(description="days from, until, review_by")
    fingerprint: str = Field(description="SHA-256 of the signed bytes")
    signed_by: list[str]
    activated_at: Moment | None
    ended_at: Moment | None


class ProtocolVersion(ProtocolHead):
    """The version with its document as it was signed."""

    document: dict[str, Any]


class ProtocolList(BaseModel):
    """Every version of every protocol that the agency is a party to."""

    items: list[ProtocolHead]
    next: None


class Token(BaseModel):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """RFC 6749, section 5.2."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "unsupported_grant_type",
        "temporarily_unavailable",
    ]
    error_description: str


class ServerMetadata(BaseModel):
    """RFC 8414."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    service_documentation: str


class KeySet(BaseModel):
    """RFC 7517."""

    keys: list[dict[str, str]]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """How each part stands."""

    status: Literal["ready", "not ready"]
    parts: dict[str, str]
