"""Settings: read from the environment, and all of them told in the README."""

import re
from pathlib import Path

import msgspec
import pytest

from kit.settings import SettingsError, read_settings
from notify.settings import ConfigurationSettings, MigrationSettings, Settings
from notify.usecases.configure import FileUnfit, read_tenants

README = (Path(__file__).parents[2] / "services/notify/README.md").read_text("utf-8")
NEEDED = {"DATABASE_URL": "postgresql://x", "LINK_KEY": "k" * 16, "STAFF_KEY": "k" * 16, "SERVICE_TOKEN": "k" * 16}


FIELDS = {
    field.name.upper(): field
    for type_ in (Settings, MigrationSettings, ConfigurationSettings)
    for field in msgspec.structs.fields(type_)
}


def told() -> list[tuple[str, str]]:
    """Names of settings with their defaults, as the README's table has them; several in a row may share one."""
    lines = [line for line in README.split("## Settings")[1].splitlines() if line.startswith("| `")]
    cells = [[cell.strip().split(" · ") for cell in line.split("|")[1:3]] for line in lines]
    rows = [(names, defaults * len(names) if len(defaults) == 1 else defaults) for names, defaults in cells]
    return [(name.strip("`"), default) for row in rows for name, default in zip(*row, strict=True)]


def test_the_readme_names_every_setting_once() -> None:
    assert sorted(name for name, _ in told()) == sorted(FIELDS)


@pytest.mark.parametrize(("name", "default"), told())
def test_the_readme_tells_its_default(name: str, default: str) -> None:
    """In code where there is a value, in words where there is none."""
    field = FIELDS[name]
    value = re.fullmatch("`(.*)`", default)
    if value:
        assert msgspec.convert(value[1], type(field.default), strict=False) == field.default
    else:
        assert default.startswith("required") == field.required
        assert field.required or field.default in (None, "")


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
