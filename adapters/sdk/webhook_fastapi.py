"""The hub's webhooks as a FastAPI dependency. Needs FastAPI, which the SDK does not bring: it is yours.

@app.post("/concordat")
async def told(message: Annotated[Message, Depends(webhook([KEY]))]) -> Response: ...
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from fastapi import HTTPException, Request

from adapters.sdk.webhook import TOLERANCE, Message, WebhookRefused, verify_webhook

MOST_BYTES = 1024 * 1024
"""Larger than any message; a body that goes on is cut off."""


def webhook(
    keys: Sequence[str],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    tolerance: timedelta = TOLERANCE,
) -> Callable[[Request], Awaitable[Message]]:
    """Make a dependency that gives the verified message; the sender of anything else is answered 400, or 413."""

    async def verified(request: Request) -> Message:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise HTTPException(413)
        try:
            return verify_webhook(request.headers, bytes(body), keys, now=now(), tolerance=tolerance)
        except WebhookRefused as refused:
            raise HTTPException(400, str(refused)) from None

    return verified
