import pytest

from booking.domain.errors import Invalid
from booking.domain.webhook import check_url


@pytest.mark.parametrize(
    ("url", "allow_loopback"),
    [
        ("http://127.0.0.1:8000/", False),
        ("http://portal.example/", True),
        ("ftp://portal.example/", True),
        ("https://user@portal.example/", True),
        ("https://portal.example\\@evil.example/", True),
        ("https://portal.example:99999/", True),
        ("x", True),
    ],
)
def test_what_is_no_safe_address_is_refused(url: str, *, allow_loopback: bool) -> None:
    with pytest.raises(Invalid, match="url"):
        check_url(url, allow_loopback=allow_loopback)


def test_https_is_right_and_plain_http_for_this_machine_where_allowed() -> None:
    check_url("https://portal.example/hook?x=1", allow_loopback=False)
    check_url("http://localhost:8000/hook", allow_loopback=True)
