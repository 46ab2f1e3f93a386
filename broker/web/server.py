"""The HTTP server of one replica: uvicorn that ends open feeds before it waits for its connections."""

import socket

import uvicorn
from fastapi import FastAPI

from broker.web.surface import Surface

IDLE_SECONDS = 75
"""A connection without a request is kept so long: longer than clients and proxies keep theirs (httpx 5 s, most load
balancers 60), so that the side that sends the next request is the one that hangs up, and none meets a closing door."""


class Server(uvicorn.Server):
    """Serves one app. No access log of its own (a path may hold an id), no proxy headers unless asked for."""

    def __init__(self, app: FastAPI, host: str, port: int, *, trusted_proxies: str | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                access_log=False,
                log_config=None,
                server_header=False,
                date_header=True,
                lifespan="on",
                # Not whichever is installed: the tests hold on this one.
                loop="asyncio",
                # Named, or whoever installs httptools would lose the bound on headers: it has none.
                http="h11",
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=10,
                proxy_headers=trusted_proxies is not None,
                forwarded_allow_ips=trusted_proxies,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )
        self._surface: Surface = app.state.surface

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._surface.streams.close()
        await super().shutdown(sockets)
