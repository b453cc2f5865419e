"""The mailbox's settings, each from the environment variable of its name in capitals."""

from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: int = 8025
    smtp_port: int = 8026
    imap_port: int = 8027
    imap_user: str = "termine"
    imap_password: str = "demo"
    service_domain: str = "schalter.example"
    """Mails to this domain lie in the offices' own mailbox, which IMAP shows."""
    log_level: str = "INFO"
    public_url: str = "http://127.0.0.1:8025"
    mailbox_data: Path
    """Folder of its own: one .eml file a mail."""
