"""Notify's settings, each from the environment variable of its name in capitals."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from kit.settings import Secret, read_settings, require_fernet_key
from notify.domain.addresses import MailAddress
from notify.mail.accounts import Account
from notify.mail.imap import ImapAccount
from notify.mail.smtp import Server


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    """As the plain role: it may read and write rows, and change no table."""
    nats_url: str = "nats://127.0.0.1:4222"
    """Used by the worker alone."""
    host: str = "127.0.0.1"
    port: int = 8003
    web_workers: int = 1
    log_level: str = "INFO"
    public_url: str = "http://127.0.0.1:8003"
    """Where the pages for staff are reached; by https their cookie goes by https alone."""
    own_pages_url: str = ""
    """Where the tenants' own pages (booking anew, Impressum and the like) are: booking's public address."""
    link_key: Secret
    """HMAC key of address fingerprints and bounce addresses."""
    staff_key: Secret
    service_token: Secret
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
    trusted_proxies: int = 0
    """How many proxies of our own stand before us and add to `X-Forwarded-For` who called them."""
    rate_feeds: Annotated[str, msgspec.Meta(pattern="^(off|[1-9][0-9]{0,6}/[1-9][0-9]{0,6})$")] = "120/60"
    """Of each client, in each worker: feeds a minute, and how many of them at once; or `off`."""
    feed_age_s: float = 1.0
    """Seconds for which a feed may be old; 0: always looked at anew."""
    smtp_connections: Annotated[int, msgspec.Meta(ge=1, le=50)] = 8
    imap_host: str | None = None
    """The service mailbox, to which answers come; unset: nobody reads them."""
    imap_port: int = 993
    imap_tls: Literal["none", "starttls", "tls"] = "tls"
    imap_user: str = ""
    imap_password: str = ""
    imap_ca_file: Path | None = None
    imap_folder: str = "INBOX"
    imap_done_folder: str = "Schalter"
    imap_poll_s: Annotated[float, msgspec.Meta(ge=0.1)] = 30

    accounts_key: str | None = None
    """Fernet key under which tenants' own accounts at mail servers are stored; needed where there are any."""

    def account(self) -> Account:
        """The house's."""
        return Account(self.server(), self.bounce_domain or self.mail_from.rpartition("@")[2])

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

    def mailbox(self) -> ImapAccount | None:
        if not self.imap_host:
            return None
        return ImapAccount(
            host=self.imap_host,
            port=self.imap_port,
            user=self.imap_user,
            password=self.imap_password,
            tls=self.imap_tls,
            ca_file=str(self.imap_ca_file) if self.imap_ca_file else None,
            folder=self.imap_folder,
            done_folder=self.imap_done_folder,
        )


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_owner_url: str
    database_app_role: str = "notify_app"
    """The plain role of DATABASE_URL; it gets the rights it needs."""


class ConfigurationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    mail_from: MailAddress = "termine@schalter.example"
    bounce_domain: str = ""
    accounts_key: str | None = None
    log_level: str = "INFO"


def load_settings() -> Settings:
    """Raises SettingsError."""
    settings = read_settings(Settings)
    _require_accounts_key(settings.accounts_key)
    return settings


def load_configuration_settings() -> ConfigurationSettings:
    """Raises SettingsError."""
    settings = read_settings(ConfigurationSettings)
    _require_accounts_key(settings.accounts_key)
    return settings


def _require_accounts_key(key: str | None) -> None:
    if key:
        require_fernet_key("ACCOUNTS_KEY", key)
