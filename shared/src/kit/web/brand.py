"""Whose pages these are: name, colours and hosts of a tenant, as far as a page shell needs them."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

log = logging.getLogger(__name__)

RELOAD_S = 60
"""A changed name, colour or host shows on the pages after this time."""
RELOAD_FOR_UNKNOWN_S = 5
"""Who is asked for and not known may have been configured a moment ago."""


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """Colours are CSS hex colours; `on_primary` is text on `primary`, `accent` a stripe that carries no meaning."""

    slug: str
    name: str
    primary: str
    on_primary: str
    accent: str
    hosts: tuple[str, ...] = ()
    """Own host names under which the pages answer without a path prefix."""
    home: str = ""
    """Base address of the tenant's own pages (Impressum and the like) when another service shows them."""


class Brands:
    """The tenants' brands, loaded when first asked for and again when they are older than a minute."""

    def __init__(self, load: Callable[[], Awaitable[Sequence[Brand]]]) -> None:
        self._load = load
        self._by_slug: dict[str, Brand] = {}
        self._by_host: dict[str, Brand] = {}
        self._loaded_at = float("-inf")

    async def find(self, slug: str) -> Brand | None:
        await self._refresh(RELOAD_S)
        if slug not in self._by_slug:
            await self._refresh(RELOAD_FOR_UNKNOWN_S)
        return self._by_slug.get(slug)

    async def find_by_host(self, host: str) -> Brand | None:
        await self._refresh(RELOAD_S)
        return self._by_host.get(host)

    def known(self, slug: str) -> Brand | None:
        """Without a look at the source, for places that cannot wait."""
        return self._by_slug.get(slug)

    def forget(self) -> None:
        self._by_slug, self._by_host = {}, {}
        self._loaded_at = float("-inf")

    async def _refresh(self, age_s: float) -> None:
        """A source that is away leaves what is known, so that even its error page has a face."""
        now = time.monotonic()
        if now - self._loaded_at <= age_s:
            return
        try:
            found = await self._load()
        except Exception:
            if not self._by_slug:
                raise
            log.exception("brands not loaded")
        else:
            self._by_slug = {brand.slug: brand for brand in found}
            self._by_host = {host: brand for brand in found for host in brand.hosts}
        # An empty list is not kept: the tenants may just not be configured yet.
        self._loaded_at = now if self._by_slug else float("-inf")


def theme_css(brand: Brand) -> str:
    """The brand's stylesheet. On a dark screen links and buttons keep KERN's own light blue, whose contrast holds."""
    return (
        f":root{{--brand-primary:{brand.primary};--brand-on-primary:{brand.on_primary};--brand-accent:{brand.accent}}}"
        "@media not (prefers-color-scheme:dark){:root{"
        f"--kern-color-action-default:{brand.primary};--kern-color-action-on-default:{brand.on_primary}}}}}"
    )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two hex colours (WCAG 2.2, relative luminance): text needs 4.5, large text and shapes 3."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
