"""Outgoing webhooks: their secret, signature and retries."""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=2),
)
SIGNATURE_HEADER = "Schalter-Signature"


def secret_of(accounts_key: str, endpoint_id: UUID) -> str:
    """Derived from the endpoint's id, so that nothing secret is stored and the same answer can be given again."""
    mac = hmac.new(accounts_key.encode(), b"webhook\0" + endpoint_id.bytes, hashlib.sha256)
    return f"whsec_{mac.hexdigest()}"


def sign(secret: str, body: bytes, now: datetime) -> str:
    """`t=<unix>,v1=<hex hmac-sha256 of "t.body">`."""
    timestamp = int(now.timestamp())
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def next_try(tries: int, now: datetime) -> datetime | None:
    """After so many failed tries; None: given up, until somebody replays it."""
    return now + RETRY_DELAYS[tries - 1] if tries <= len(RETRY_DELAYS) else None
