"""Booking's settings, each from the environment variable of its name in capitals."""

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.fernet import Fernet

from kit.settings import RateText, Secret, SettingsError, read_settings, require_fernet_key


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    """As the plain role: it may read and write rows, and change no table."""
    nats_url: str = "nats://127.0.0.1:4222"
    """Used by the worker alone."""
    host: str = "127.0.0.1"
    port: int = 8001
    web_workers: int = 1
    log_level: str = "INFO"
    public_url: str = "http://127.0.0.1:8001"
    """Base of this service's own pages, without a slash at the end."""
    demo_mode: bool = False
    allow_loopback: bool = False
    """Webhooks may go to this very machine. With `demo_mode` alone: it opens our own network to who registers them."""
    link_key: Secret
    """HMAC key of the links that citizens get."""
    staff_key: Secret
    service_token: Secret
    """Bearer token between booking and notify, for `/internal/`."""
    payment_url: str = "http://127.0.0.1:8002"
    payment_api_keys_file: Path | None = None
    """TOML, one line a tenant: `slug = "key"`."""
    checkout_origins: tuple[str, ...] = ()
    """Origins to which a form may lead (CSP form-action): the checkout and its providers."""
    return_origins: tuple[str, ...] = ()
    """Portals to which our pages may lead back, besides the tenants' own hosts."""
    calendars_key: str | None = None
    """Fernet key for the addresses and logins of clerks' own calendars; without it none can be connected."""
    busy_every_min: Annotated[float, msgspec.Meta(ge=0.1)] = 10
    """Minutes after which a clerk's own calendar is read again."""
    feeds_url: str = "http://127.0.0.1:8003"
    """Base of notify's addresses, as clerks' calendar programs reach it; without a slash at the end."""
    portal_url: str = ""
    """The portal that has the online services; shown where a service has no address of its own."""
    trusted_proxies: int = 0
    """How many proxies of our own stand before us and add to `X-Forwarded-For` who called them."""
    portal_keys_file: Path | None = None
    """TOML, one line a portal: `name = "key"`. They answer for their citizens: no challenge, no rate, no cap."""
    challenge_effort: Annotated[int, msgspec.Meta(ge=2, le=100_000)] = 200
    """How many guesses a challenge takes: a tenth of a second on a desk, a second on an old phone."""
    rate_search: RateText = "120/60"
    """Of each client, in each worker: requests a minute, and how many of them at once; or `off`."""
    rate_list: RateText = "120/60"
    rate_hold: RateText = "20/10"
    rate_challenge: RateText = "30/15"
    rate_lost_link: RateText = "5/5"
    rate_failures: RateText = "20/20"
    """Wrong tokens. Who is over it can try no other, and look at free times all the same."""
    rate_other: RateText = "600/200"
    reminder_ahead_h: float = 24
    """Hours before a visit at which its reminder goes out."""
    unfinished_after_min: float = 10
    """Minutes after which who left the checkout gets a mail to go on."""
    list_age_s: float = 1.0
    """Seconds for which a list of free times may be old; 0: always asked anew."""
    catalogue_age_s: float = 1.0
    """Seconds after which the catalogue in memory asks whether there is a newer one."""
    catalogues_max: Annotated[int, msgspec.Meta(ge=1)] = 500
    """Tenants whose catalogues a process keeps in memory."""

    @property
    def calendars_cipher(self) -> Fernet | None:
        """Raises ValueError for what is no Fernet key."""
        return Fernet(self.calendars_key) if self.calendars_key else None


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_owner_url: str
    database_app_role: str = "booking_app"
    """The plain role of DATABASE_URL; it gets the rights it needs."""


class ConfigurationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    log_level: str = "INFO"


def load_settings() -> Settings:
    """Raises SettingsError."""
    settings = read_settings(Settings)
    if settings.allow_loopback and not settings.demo_mode:
        raise SettingsError("ALLOW_LOOPBACK is for DEMO_MODE alone: it opens our own network to webhooks.")
    if settings.calendars_key:
        require_fernet_key("CALENDARS_KEY", settings.calendars_key)
    return settings


def read_payment_api_keys(file: Path | None) -> dict[str, str]:
    """The keys by tenant. Without a file there are none, and fees are paid at the counter."""
    return _read_keys(file)


def read_portals(file: Path | None) -> dict[bytes, str]:
    """The portals' names by the SHA-256 of their keys."""
    return {hashlib.sha256(key.encode()).digest(): name for name, key in _read_keys(file).items()}


def _read_keys(file: Path | None) -> dict[str, str]:
    return {} if file is None else msgspec.convert(tomllib.loads(file.read_text("utf-8")), dict[str, str])
