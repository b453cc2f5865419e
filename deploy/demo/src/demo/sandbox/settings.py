"""Settings of the sandbox, from the environment."""

from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    port: int
    public_url: str
    """Base address of the hosted pages and of the certificate, without a slash at its end."""
    sandbox_data: Path
    sandbox_accounts: Path
    payment_url: str
    """Webhooks go to `{payment_url}/webhooks/{tenant}/stripe` and `/paypal`."""
    host: str = "127.0.0.1"
    log_level: str = "INFO"
