from typing import Annotated

import msgspec

from kit.settings import SECRET_LENGTH_MIN, RateText, Secret, SettingsError, read_settings, require_fernet_key

PAYPAL_LIVE_URL = "https://api-m.paypal.com"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """From the environment; the table in the README says what each is for."""

    database_url: str
    nats_url: str = "nats://127.0.0.1:4222"
    host: str = "127.0.0.1"
    port: int = 8002
    web_workers: int = 1
    log_level: str = "INFO"
    public_url: str
    demo_mode: bool = False
    link_key: Secret
    staff_key: Secret
    accounts_key: str
    accounts_age_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 1.0
    stripe_url: str = "https://api.stripe.com"
    paypal_url: str = PAYPAL_LIVE_URL
    provider_origins: tuple[str, ...] = ("https://checkout.stripe.com", "https://www.paypal.com")
    own_pages_url: str = ""
    paypal_cert_hosts: tuple[str, ...] = ("api.paypal.com", "api-m.paypal.com")
    paypal_ca_file: str = ""
    allow_loopback: bool = False
    trusted_proxies: int = 0
    rate_key: RateText = "1200/600"
    rate_failures: RateText = "20/20"
    client_cert_header: str = ""
    client_cert_secret: str = ""


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_owner_url: str
    database_app_role: str = "payment_app"


class ConfigurationSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str
    accounts_key: str
    demo_mode: bool = False


class LedgerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Of whoever verifies the ledger: a machine that holds no key."""

    database_url: str


def load_settings() -> Settings:
    """Raises SettingsError."""
    settings = read_settings(Settings)
    if settings.allow_loopback and not settings.demo_mode:
        raise SettingsError("ALLOW_LOOPBACK is for DEMO_MODE alone: it opens private addresses to callers.")
    if settings.demo_mode and settings.paypal_url.rstrip("/") == PAYPAL_LIVE_URL:
        raise SettingsError("PAYPAL_URL is PayPal's live address, and DEMO_MODE refuses it: its keys do not tell.")
    if settings.client_cert_header and len(settings.client_cert_secret) < SECRET_LENGTH_MIN:
        raise SettingsError(
            f"CLIENT_CERT_HEADER needs CLIENT_CERT_SECRET, {SECRET_LENGTH_MIN} characters or more: without it, anybody"
            " could send the header."
        )
    require_fernet_key("ACCOUNTS_KEY", settings.accounts_key)
    return msgspec.structs.replace(settings, public_url=settings.public_url.rstrip("/"))


def load_configuration_settings() -> ConfigurationSettings:
    """Raises SettingsError."""
    settings = read_settings(ConfigurationSettings)
    require_fernet_key("ACCOUNTS_KEY", settings.accounts_key)
    return settings
