"""Every setting of the hub, read from the environment as CONCORDAT_<NAME>; docs/reference/settings.md lists them."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_MOST_TELLERS = 3
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """Settings with safe defaults: with none set, a hub embedded in one folder on this machine."""

    model_config = SettingsConfigDict(env_prefix="CONCORDAT_", extra="ignore")

    origin: str = Field(
        "hub.northmere.example",
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$",
        description="The hub's origin: the globally unique name in sources and in the ledger. Never change it.",
    )
    state: Path = Field(
        Path("concordat-state"), description="Folder for embedded databases and the key-encryption key."
    )
    vocabulary: Path | None = Field(
        None,
        description="Folder of code lists (JSON): a version there replaces the packaged one of the same list and "
        "version, or stands beside it from its own first day. The hub does not start on a list that it cannot use.",
    )
    database_url: str | None = Field(
        None, description="Main database (SQLAlchemy URL); default: SQLite in the state folder."
    )
    keystore_url: str | None = Field(
        None, description="Key store, never in the main database; default: SQLite in the state folder."
    )
    kek_file: Path | None = Field(
        None, description="File of the key-encryption key, owner-only; default: kek in the state folder's keys."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0 lets the system choose one.")
    public_url: str | None = Field(
        None, description="URL under which agencies reach the hub; the token issuer. Default: http://<host>:<port>."
    )
    checkpoint_seconds: float = Field(
        10, gt=0, le=3600, description="Interval at which ledger checkpoints are published."
    )
    tick_seconds: float = Field(1, gt=0, le=60, description="How often deadlines are looked at.")
    heartbeat_seconds: float = Field(15, gt=0, le=60, description="Interval of feed heartbeats.")
    max_feeds: int = Field(2000, ge=1, description="Feeds open at once on one replica.")
    tellers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Processes that work out beside the hub's own what each recipient of a large batch is told; they "
        "start with the first one. Default: one for each further processor, and at most 3.",
    )
    scribe: bool | None = Field(
        None,
        description="Whether a process beside the hub's own writes what agencies report, once they report much; the "
        "tellers are then its own. Default: where there is more than one processor.",
    )
    webhook_allowed_networks: str = Field(
        "",
        description="Networks besides the public internet to which webhooks may be sent: CIDRs, separated by commas. "
        "Within them http is taken too. Never list a network that the hub's own databases are in.",
    )
    webhook_ca_file: Path | None = Field(
        None, description="PEM file of certificate authorities that webhooks trust besides the public ones."
    )
    webhook_lease_seconds: float = Field(
        15,
        ge=1,
        le=300,
        description="After so long a replica on another machine sends the webhooks of one that has died.",
    )
    metrics_token: str | None = Field(
        None, description="Static bearer token for /metrics; without one, only loopback and admin tokens may read it."
    )
    test_clock: Path | None = Field(
        None, description="For demonstrations and tests only: a file with seconds to add to the hub's time."
    )
    nats: Literal["embedded", "external", "off"] = Field(
        "embedded",
        description="The NATS server: embedded (the hub starts and watches it), external (CONCORDAT_NATS_URL), or off.",
    )
    nats_url: str | None = Field(
        None,
        description="External servers, comma-separated, such as tls://nats-1.example:4222. Setting it means external.",
    )
    nats_ca_file: Path | None = Field(
        None, description="Certificates (PEM) that external servers' own must be signed by; default: the system's."
    )
    nats_host: str = Field(
        "127.0.0.1", description="Address that the embedded server listens on; another than this machine's needs TLS."
    )
    nats_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of the embedded server; 0 lets the system choose. Default: 4222, or 0 where the hub's is 0.",
    )
    nats_leaf_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port for agencies' own servers (leaf nodes) on the embedded server; 0 lets the system choose.",
    )
    nats_certificate: Path | None = Field(None, description="Certificate (PEM) of the embedded server.")
    nats_private_key: Path | None = Field(None, description="Private key (PEM) of that certificate.")
    nats_operator_jwt: Path | None = Field(
        None, description="The operator's JWT, where its identity key is kept offline; it names the signing key."
    )
    nats_operator_signing_key: Path | None = Field(
        None, description="Seed of the operator's signing key, owner-only; default: made in the key store."
    )
    nats_replicas: int | None = Field(
        None, ge=1, le=5, description="Copies of the stream; default: 1 on the embedded server, 3 on external ones."
    )
    nats_stream_bytes: int = Field(
        3 * 1024**3,
        ge=1024**2,
        description="Bytes that the stream may take. When it is full, mail waits in the database; nothing is dropped.",
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="Least severe level that is logged."
    )

    @field_validator("webhook_allowed_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for network in value.split(","):
            if network.strip():
                ip_network(network.strip())
        return value

    @property
    def webhook_networks(self) -> tuple[str, ...]:
        """The networks that webhooks may reach besides the public internet."""
        return tuple(network.strip() for network in self.webhook_allowed_networks.split(",") if network.strip())

    @model_validator(mode="after")
    def _nats_fits(self) -> "Settings":
        """NATS settings that contradict each other; the names alone are said, never a value."""
        if self.nats_url is not None and "nats" not in self.model_fields_set:
            self.nats = "external"
        if (self.nats_url is None) == (self.nats == "external"):
            raise ValueError("CONCORDAT_NATS_URL and CONCORDAT_NATS=external go together")
        if (self.nats_certificate is None) != (self.nats_private_key is None):
            raise ValueError("CONCORDAT_NATS_CERTIFICATE and CONCORDAT_NATS_PRIVATE_KEY go together")
        if (self.nats_operator_jwt is None) != (self.nats_operator_signing_key is None):
            raise ValueError("CONCORDAT_NATS_OPERATOR_JWT and CONCORDAT_NATS_OPERATOR_SIGNING_KEY go together")
        if self.nats == "embedded" and self.nats_certificate is None and self.nats_host not in _THIS_MACHINE:
            raise ValueError("an embedded NATS server that others reach needs CONCORDAT_NATS_CERTIFICATE")
        return self

    @property
    def embedded_nats_port(self) -> int:
        """The embedded server's port; 0 where the system chooses."""
        return self.nats_port if self.nats_port is not None else 4222 if self.port else 0

    @property
    def teller_count(self) -> int:
        """How many tellers the hub has."""
        return min(_MOST_TELLERS, (os.cpu_count() or 1) - 1) if self.tellers is None else self.tellers

    @property
    def has_scribe(self) -> bool:
        """Whether a scribe is wanted."""
        return (os.cpu_count() or 1) > 1 if self.scribe is None else self.scribe

    @property
    def main_url(self) -> str:
        """The main database's URL."""
        return self.database_url or f"sqlite:///{self.state / 'concordat.db'}"

    @property
    def keys_url(self) -> str:
        """The key store's URL."""
        return self.keystore_url or f"sqlite:///{self.state / 'keys' / 'keys.db'}"

    @property
    def kek_path(self) -> Path:
        """Where the key-encryption key is."""
        return self.kek_file or self.state / "keys" / "kek"

    @property
    def issuer(self) -> str:
        """The URL that tokens are issued under."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
