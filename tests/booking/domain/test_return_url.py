import pytest

from booking.domain.errors import Invalid
from booking.domain.return_url import require_allowed

ALLOWED = ["https://termine.heinsberg.de/basis", "http://127.0.0.1:8000", "https://service.heinsberg.de:8443"]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://termine.heinsberg.de/a?b=c",
        "https://TERMINE.heinsberg.de:443/",
        "http://127.0.0.1:8000/portal",
        "https://service.heinsberg.de:8443/x",
    ],
)
def test_own_origins_are_allowed(url: str | None) -> None:
    require_allowed(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://termine.heinsberg.de.evil.example/",
        "https://termine.heinsberg.de@evil.example/",
        "https://user:pass@termine.heinsberg.de/",
        "http://termine.heinsberg.de/",
        "https://termine.heinsberg.de:444/",
        "https://termine.heinsberg.de:x/",
        "//termine.heinsberg.de/",
        "/portal",
        "javascript:alert(1)",
        "https://termine.heinsberg.de\\@evil.example/",
        "https://termine.heinsberg.de/\nSet-Cookie: a",
        "https://termine.heinsberg.de/" + "a" * 2000,
        "",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_allowed(url, ALLOWED)
    assert refused.value.errors[0][0] == "return_url"
