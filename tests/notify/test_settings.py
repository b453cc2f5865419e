"""Settings: read from the environment, and all of them told in the README."""

import re
from pathlib import Path

import msgspec
import pytest

from kit.settings import SettingsError, read_settings
from notify.settings import MigrationSettings, Settings
from notify.usecases.configure import FileUnfit, read_tenants

README = (Path(__file__).parents[2] / "services/notify/README.md").read_text("utf-8")
NEEDED = {"DATABASE_URL": "postgresql://x", "LINK_KEY": "k" * 16, "STAFF_KEY": "k" * 16, "SERVICE_TOKEN": "k" * 16}


def test_the_readme_names_every_setting() -> None:
    names = [row.split("|")[1] for row in README.split("## Settings")[1].splitlines() if row.startswith("|")]
    told = set(re.findall(r"`([A-Z_]+)`", " ".join(names)))
    fields = [*msgspec.structs.fields(Settings), *msgspec.structs.fields(MigrationSettings)]
    assert told == {field.name.upper() for field in fields}


def test_defaults_and_conversions() -> None:
    settings = read_settings(Settings, NEEDED | {"SMTP_TLS": "none", "SMTP_PORT": "25", "MAIL_FROM": "a@kreis.example"})
    server = settings.server()
    assert (server.port, server.tls, server.local_hostname) == (25, "none", "kreis.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [("SMTP_TLS", "maybe"), ("SMTP_CONNECTIONS", "0"), ("MAIL_FROM", "x\r\n@y.example"), ("LINK_KEY", "short")],
)
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings(Settings, NEEDED | {name: value})


def test_a_tenants_file_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text('[[tenants]]\nslug = "x"\n')
    with pytest.raises(FileUnfit, match=r"tenants\[0\]|missing required field"):
        read_tenants(file)
