"""Every setting of the hub, read from the environment as CONCORDAT_<NAME>; docs/reference/settings.md lists them."""

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    webhook_allowed_networks: str = Field(
        "",
        description="Networks besides the public internet to which webhooks may be sent: CIDRs, separated by commas. "
        "Within them http is taken too. Never list a network that the hub's own databases are in.",
    )
    webhook_ca_file: Path | None = Field(
        None, description="PEM file of certificate authorities that webhooks trust besides the public ones."
    )
    webhook_lease_seconds: float = Field(
        15, ge=1, le=300, description="After so long another replica sends the webhooks of one that has died."
    )
    metrics_token: str | None = Field(
        None, description="Static bearer token for /metrics; without one, only loopback and admin tokens may read it."
    )
    test_clock: Path | None = Field(
        None, description="For demonstrations and tests only: a file with seconds to add to the hub's time."
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
