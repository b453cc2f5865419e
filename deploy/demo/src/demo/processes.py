"""What the demo consists of: each process with its command, its environment and the address that says it is ready."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from demo.keys import Keys

SEED = Path(__file__).parent / "seed"
SERVICES = ("booking", "payment", "notify")
HIGH_RATES = {
    f"RATE_{name}": "1000000/1000000"
    for name in ("SEARCH", "LIST", "HOLD", "CHALLENGE", "LOST_LINK", "FAILURES", "OTHER", "KEY")
}
"""They are counted as in production, and a load from one client is not refused."""


_OFFSETS = {
    "portal": 0,
    "booking": 1,
    "payment": 2,
    "notify": 3,
    "sandbox": 10,
    "mailbox": 25,
    "smtp": 26,
    "imap": 27,
}


class Ports(NamedTuple):
    """`DEMO_PORT` is the first; the others keep their distance, so that a port can be remembered."""

    first: int

    def of(self, name: str) -> int:
        return self.first + _OFFSETS[name]

    def all(self) -> dict[str, int]:
        return {name: self.of(name) for name in _OFFSETS}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.of(name)}"


class Engines(NamedTuple):
    """Where the servers are: by service its application's and its owner's database address, and NATS."""

    database_urls: Mapping[str, str]
    owner_urls: Mapping[str, str]
    nats_url: str


class Process(NamedTuple):
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str | None = None


def environment_of(service: str, ports: Ports, engines: Engines, keys: Keys, data: Path) -> dict[str, str]:
    """The settings of one service, the same for its web process, its worker and its one-shot commands."""
    common = {
        "DATABASE_URL": engines.database_urls[service],
        "DATABASE_OWNER_URL": engines.owner_urls[service],
        "NATS_URL": engines.nats_url,
        "HOST": "127.0.0.1",
        "PORT": str(ports.of(service)),
        "PUBLIC_URL": ports.url(service),
        "DEMO_MODE": "true",
        "LINK_KEY": keys.link[service],
        "STAFF_KEY": keys.staff,
        "SERVICE_TOKEN": keys.service_token,
    }
    return common | _OWN_SETTINGS[service](ports, keys, data)


def _booking(ports: Ports, keys: Keys, data: Path) -> dict[str, str]:
    return {
        "PAYMENT_URL": ports.url("payment"),
        "PAYMENT_API_KEYS_FILE": str(data / "payment-api-keys.toml"),
        "CHECKOUT_ORIGINS": f"{ports.url('payment')},{ports.url('sandbox')}",
        "RETURN_ORIGINS": ports.url("portal"),
        "PORTAL_URL": ports.url("portal"),
        "FEEDS_URL": ports.url("notify"),
        "CALENDARS_KEY": keys.accounts,
        "ALLOW_LOOPBACK": "true",
        **HIGH_RATES,
        "UNFINISHED_AFTER_MIN": os.environ.get("UNFINISHED_AFTER_MIN", "2"),  # nobody waits ten minutes in a demo
    }


def _payment(ports: Ports, keys: Keys, data: Path) -> dict[str, str]:
    return {
        "ACCOUNTS_KEY": keys.accounts,
        "STRIPE_URL": ports.url("sandbox"),
        "PAYPAL_URL": ports.url("sandbox"),
        "PROVIDER_ORIGINS": ports.url("sandbox"),
        "PAYPAL_CERT_HOSTS": f"127.0.0.1:{ports.of('sandbox')}",
        "PAYPAL_CA_FILE": str(data / "sandbox/paypal-ca.pem"),
        "OWN_PAGES_URL": ports.url("booking"),
        **HIGH_RATES,
        "ALLOW_LOOPBACK": "true",
    }


def _notify(ports: Ports, keys: Keys, _: Path) -> dict[str, str]:
    return {
        "BOOKING_URL": ports.url("booking"),
        "OWN_PAGES_URL": ports.url("booking"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(ports.of("smtp")),
        "SMTP_TLS": "none",
        "RATE_FEEDS": "off",
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(ports.of("imap")),
        "IMAP_TLS": "none",
        "IMAP_USER": "termine",
        "IMAP_PASSWORD": keys.service_token,
        "IMAP_POLL_S": "5",  # nobody waits half a minute in a demo
    }


_OWN_SETTINGS = {"booking": _booking, "payment": _payment, "notify": _notify}


def configure_arguments(service: str) -> list[str]:
    files = {
        "booking": ["--services", str(SEED / "services.csv"), "--offices", str(SEED / "offices.toml")],
        "payment": ["--accounts", str(SEED / "accounts.toml")],
        "notify": [],
    }
    return ["--tenants", str(SEED / "tenants.toml"), *files[service]]


def list_processes(ports: Ports, engines: Engines, keys: Keys, data: Path) -> list[Process]:
    """In the order of their start: who is called stands before who calls."""
    processes = [
        _python("mailbox", "demo.mailbox", _mailbox(ports, keys, data), f"{ports.url('mailbox')}/api/messages"),
        _python("sandbox", "demo.sandbox", _sandbox(ports, data), f"{ports.url('sandbox')}/health/live"),
    ]
    for service in ("payment", "booking", "notify"):
        environment = environment_of(service, ports, engines, keys, data)
        processes.append(_python(service, f"{service} serve", environment, f"{ports.url(service)}/health/ready"))
        processes.append(_python(f"{service}-worker", f"{service} work", environment))
    processes.append(_python("portal", "demo.portal", _portal(ports, keys, data), f"{ports.url('portal')}/health/live"))
    return processes


def _python(name: str, module_and_arguments: str, environment: dict[str, str], ready: str | None = None) -> Process:
    return Process(name, (sys.executable, "-m", *module_and_arguments.split()), environment, ready)


def _mailbox(ports: Ports, keys: Keys, data: Path) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "PORT": str(ports.of("mailbox")),
        "SMTP_PORT": str(ports.of("smtp")),
        "IMAP_PORT": str(ports.of("imap")),
        "IMAP_PASSWORD": keys.service_token,
        "PUBLIC_URL": ports.url("mailbox"),
        "MAILBOX_DATA": str(data / "mailbox"),
    }


def _sandbox(ports: Ports, data: Path) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "PORT": str(ports.of("sandbox")),
        "PUBLIC_URL": ports.url("sandbox"),
        "PAYMENT_URL": ports.url("payment"),
        "SANDBOX_DATA": str(data / "sandbox"),
        "SANDBOX_ACCOUNTS": str(SEED / "accounts.toml"),
    }


def _portal(ports: Ports, keys: Keys, data: Path) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "PORT": str(ports.of("portal")),
        "PUBLIC_URL": ports.url("portal"),
        "BOOKING_URL": ports.url("booking"),
        "PAYMENT_URL": ports.url("payment"),
        "MAILBOX_URL": ports.url("mailbox"),
        "PAYMENT_API_KEY": keys.api["portal"],
        "LINK_KEY": keys.link["portal"],
        "PORTAL_DATA": str(data / "portal"),
    }
