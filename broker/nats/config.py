"""The text of a server's configuration."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from broker.nats.accounts import hub_claims, system_claims
from broker.nats.keys import Keys

STORE_KEY_VARIABLE = "CONCORDAT_JETSTREAM_KEY"
"""Environment variable of the server with the key of its streams: never in a file beside them."""
MAX_PAYLOAD_BYTES = 1024 * 1024
MAX_STORE_BYTES = 4 * 1024**3
"""Disk that the streams may take. An agency that fetches nothing for a month must not fill the machine."""


@dataclass(frozen=True)
class ServerConfig:
    """What one server is told."""

    keys: Keys = field(repr=False)
    folder: Path
    """Its own: streams, claims, process id."""
    host: str = "127.0.0.1"
    port: int = -1
    """-1 lets the system choose."""
    leaf_port: int | None = None
    """Where agencies' own servers connect; None for nowhere, -1 lets the system choose."""
    name: str = "concordat"
    """Unlike that of any other server in the cluster."""
    cluster_port: int | None = None
    """Where the other servers of the cluster connect; None for a server on its own."""
    routes: tuple[str, ...] = ()
    """The other servers of the cluster, as nats://host:port."""
    certificate: Path | None = None
    private_key: Path | None = None

    def text(self, issued_at: int) -> str:
        """Return the configuration. It holds no secret: public keys and signed claims only."""
        system, hub = self.keys.system.public, self.keys.hub.public
        lines = [
            f"server_name: {_quoted(self.name)}",
            f"host: {_quoted(self.host)}",
            f"port: {self.port}",
            f"max_payload: {MAX_PAYLOAD_BYTES}",
            "max_pending: 32MB",
            f"pid_file: {_quoted(str(self.folder / 'server.pid'))}",
            f"ports_file_dir: {_quoted(str(self.folder))}",
            "debug: false",
            "trace: false",
            f"operator: {_quoted(self.keys.operator_jwt)}",
            f"system_account: {_quoted(system)}",
            "resolver {",
            "  type: full",
            f"  dir: {_quoted(str(self.folder / 'claims'))}",
            "  allow_delete: false",
            '  interval: "2m"',
            "}",
            "resolver_preload {",
            f"  {system}: {_quoted(system_claims(self.keys, issued_at))}",
            f"  {hub}: {_quoted(hub_claims(self.keys, issued_at))}",
            "}",
            "jetstream {",
            f"  store_dir: {_quoted(str(self.folder / 'streams'))}",
            "  sync_interval: always",
            f"  max_file_store: {MAX_STORE_BYTES}",
            "  max_memory_store: 64MB",
            "  cipher: aes",
            f"  key: ${STORE_KEY_VARIABLE}",
            "}",
        ]
        tls = self._tls()
        lines += tls
        if self.leaf_port is not None:
            lines += ["leafnodes {", f"  host: {_quoted(self.host)}", f"  port: {self.leaf_port}", *tls, "}"]
        if self.cluster_port is not None:
            lines += ["cluster {", "  name: concordat", f"  port: {self.cluster_port}"]
            lines += [f"  routes: {json.dumps(self.routes)}", *tls, "}"]
        return "\n".join(lines) + "\n"

    def _tls(self) -> list[str]:
        if self.certificate is None or self.private_key is None:
            return []
        return [
            "tls {",
            f"  cert_file: {_quoted(str(self.certificate))}",
            f"  key_file: {_quoted(str(self.private_key))}",
            "}",
        ]


def _quoted(text: str) -> str:
    """A JSON string is a string of the server's configuration too."""
    return json.dumps(text, ensure_ascii=False)
