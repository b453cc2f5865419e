"""Notify's settings, each from the environment variable of its name in capitals."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from notify.mail.smtp import Server

Key = Annotated[str, msgspec.Meta(min_length=16)]
MailAddress = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,20}@[A-Za-z0-9.-]+$")]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    """As the plain role: it may read and write rows, and change no table."""
    nats_url: str = "nats://127.0.0.1:4222"
    """Used by the worker alone."""
    host: str = "127.0.0.1"
    port: int = 8003
    web_workers: int = 1
    log_level: str = "INFO"
    own_pages_url: str = ""
    """Where the tenants' own pages (Impressum and the like) are: booking's public address."""
    link_key: Key
    """HMAC key of address fingerprints and bounce addresses."""
    staff_key: Key
    service_token: Key
    """Bearer token between booking and notify."""
    booking_url: str = "http://127.0.0.1:8001"
    mail_from: MailAddress = "termine@schalter.example"
    """The service mailbox: sender of all mails; with a plus tag the ORGANIZER of calendar entries."""
    bounce_domain: str = ""
    """Domain of envelope senders, to which returned mails come; empty: that of MAIL_FROM."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 587
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_ca_file: Path | None = None
    """PEM file of the authority that signed the mail server's certificate; unset: those the system knows."""
    smtp_timeout_s: float = 60
    smtp_connections: Annotated[int, msgspec.Meta(ge=1, le=50)] = 4

    def server(self) -> Server:
        return Server(
            host=self.smtp_host,
            port=self.smtp_port,
            user=self.smtp_user,
            password=self.smtp_password,
            tls=self.smtp_tls,
            ca_file=str(self.smtp_ca_file) if self.smtp_ca_file else None,
            local_hostname=self.mail_from.rpartition("@")[2],
            timeout_s=self.smtp_timeout_s,
        )


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_owner_url: str
    database_app_role: str = "notify_app"
    """The plain role of DATABASE_URL; it gets the rights it needs."""


class ConfigurationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    log_level: str = "INFO"
