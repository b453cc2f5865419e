from datetime import UTC, datetime

import pytest

from kit.webhooks import sign
from payment.domain.api_key import make_key, parse_key
from payment.domain.errors import InvalidRequest
from payment.domain.order import origin_of


def test_a_key_names_its_mode_and_knows_a_typing_error() -> None:
    key = make_key("test")
    parsed = parse_key(key)
    assert parsed
    assert (parsed.mode, key.startswith(f"test_{parsed.prefix}_")) == ("test", True)
    for place in range(len(key)):
        wrong = "A" if key[place] != "A" else "B"
        assert parse_key(key[:place] + wrong + key[place + 1 :]) is None
    assert parse_key(make_key("live")) != parse_key(make_key("live"))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://portal.example/a?b#c", "https://portal.example"),
        ("https://PORTAL.example:8443/", "https://portal.example:8443"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str) -> None:
    assert origin_of(url, "url", allow_loopback=False) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "https://a@portal.example/",
        "https://portal.example\\@evil.example/",
        "https:///path",
        "https://portal.example:port/",
        "https://portal.example/\nx",
        "https://" + "a" * 3000,
        "data:text/html,x",
    ],
)
def test_what_is_no_safe_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        origin_of(url, "url", allow_loopback=False)


def test_plain_http_is_for_loopback_and_the_demo() -> None:
    assert origin_of("http://localhost:8000/x", "url", allow_loopback=True) == "http://localhost:8000"
    with pytest.raises(InvalidRequest):
        origin_of("http://portal.example/", "url", allow_loopback=True)


def test_a_signature_covers_time_and_body() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert sign("secret", b"{}", now) == sign("secret", b"{}", now)
    assert sign("secret", b"{}", now) != sign("secret", b"{ }", now)
    assert sign("secret", b"{}", now).startswith(f"t={int(now.timestamp())},v1=")
