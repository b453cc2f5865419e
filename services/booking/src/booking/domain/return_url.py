"""Where a citizen may be sent back to: exact origins only, so that no link of ours leads to a stranger's site."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from booking.domain.errors import Invalid

LENGTH_MAX = 2000


def origin_of(url: str) -> str | None:
    """Scheme, host and port in one form; None for what is no plain web address (userinfo, backslash, control)."""
    if len(url) > LENGTH_MAX or not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + ("" if port in (None, default) else f":{port}")


def require_allowed(url: str | None, origins: Iterable[str]) -> None:
    """Raises Invalid."""
    if url is None:
        return
    origin = origin_of(url)
    if origin is None or origin not in {origin_of(allowed) for allowed in origins}:
        raise Invalid.field("return_url", "expected an address of this portal")
