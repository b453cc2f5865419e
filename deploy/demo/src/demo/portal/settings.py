"""The portal's settings, each from the environment variable of its name in capitals."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "INFO"
    public_url: str = "http://127.0.0.1:8000"
    booking_url: str
    payment_url: str
    payment_api_key: str
    """Of tenant kreis-heinsberg; it may create and read payments, and register webhooks."""
    link_key: str
    """Signs the cookie that names a visitor's order."""
    portal_data: Path
    """Folder of its own: the orders."""
    mailbox_url: str = ""
    """Where the demo's mails can be read; shown on the home page."""
    checkout_origins: tuple[str, ...] = ()
    """Where the order form may lead (CSP form-action); payment's own origin where nothing is said."""

    @property
    def form_origins(self) -> tuple[str, ...]:
        parts = urlsplit(self.payment_url)
        return self.checkout_origins or (f"{parts.scheme}://{parts.netloc}",)
