"""What the HTTP surface must be told: nothing here is read from the environment, wiring hands it over."""

from dataclasses import dataclass, field

MAX_TOKEN_SECONDS = 600


@dataclass(frozen=True)
class WebSettings:
    """Settings of one replica's HTTP surface. Times in seconds."""

    issuer: str
    """The hub's URL as agencies reach it, without a slash at its end: issuer and audience of its tokens."""
    heartbeat_seconds: float = 15.0
    """Longest silence of a feed."""
    max_streams: int = 1000
    """Feeds open at once in this replica; one more is told to come back."""
    checkpoint_seconds: float = 10.0
    """Interval at which checkpoints are published: what `Retry-After` says of what is not yet under one."""
    token_seconds: int = MAX_TOKEN_SECONDS
    """Lifetime of an access token, at most ten minutes."""
    registry_seconds: float = 1.0
    """How old the directory of agencies may be when a token is checked: a revocation works within this time."""
    metrics_token: str | None = field(default=None, repr=False)
    """The operator's static token for /metrics; without one, /metrics answers on loopback only."""

    def __post_init__(self) -> None:
        if not self.issuer.startswith(("https://", "http://")) or self.issuer.endswith("/"):
            raise ValueError(
                "the issuer is the hub's URL, such as https://hub.northmere.example, without a slash at its end"
            )
        if not 1 <= self.token_seconds <= MAX_TOKEN_SECONDS:
            raise ValueError("an access token lives for 1 to 600 seconds")

    @property
    def token_endpoint(self) -> str:
        """Where tokens are asked for."""
        return f"{self.issuer}/oauth2/token"
