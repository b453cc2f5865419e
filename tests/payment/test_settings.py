import pytest
from tests.payment.support.house import ACCOUNTS_KEY, LINK_KEY, PUBLIC_URL, STAFF_KEY

from kit.settings import SettingsError
from payment.settings import load_configuration_settings, load_settings

WHOLE = {
    "DATABASE_URL": "postgresql:///payment",
    "PUBLIC_URL": f"{PUBLIC_URL}/",
    "LINK_KEY": LINK_KEY,
    "STAFF_KEY": STAFF_KEY,
    "ACCOUNTS_KEY": ACCOUNTS_KEY,
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ACCOUNTS_KEY": "short"}, "ACCOUNTS_KEY"),
        ({"LINK_KEY": "short"}, "LINK_KEY"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PORT": "eighty"}, "PORT"),
        ({"ALLOW_LOOPBACK": "true"}, "DEMO_MODE"),
        ({"DEMO_MODE": "true"}, "PAYPAL_URL"),
        ({"RATE_KEY": "many"}, "RATE_KEY"),
    ],
)
def test_an_error_names_the_variable(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str) -> None:
    for name, value in (WHOLE | change).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=named):
        load_settings()


def test_lists_are_divided_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (WHOLE | {"PROVIDER_ORIGINS": "https://a.example, https://b.example"}).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.provider_origins == ("https://a.example", "https://b.example")
    assert settings.public_url == PUBLIC_URL


def test_a_configuration_needs_no_key_of_links_or_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WHOLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", WHOLE["DATABASE_URL"])
    monkeypatch.setenv("ACCOUNTS_KEY", "short")
    with pytest.raises(SettingsError, match="ACCOUNTS_KEY"):
        load_configuration_settings()
    monkeypatch.setenv("ACCOUNTS_KEY", ACCOUNTS_KEY)
    assert load_configuration_settings().database_url == WHOLE["DATABASE_URL"]
