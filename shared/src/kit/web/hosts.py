"""A tenant under its own host name: `service.heinsberg.de/suche` is `/heinsberg/suche` inside."""

from collections.abc import Mapping

from litestar.types import ASGIApp, Receive, Scope, Send

from kit.web.brand import Brands
from kit.web.security import is_api

SHARED = ("/static/",)
_KEY = "own_host"


class OwnHosts:
    """Puts the tenant's slug before the path when the Host is the tenant's own. APIs and static files stay."""

    def __init__(self, app: ASGIApp, brands: Brands) -> None:
        self.app = app
        self.brands = brands

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_api(scope["path"]) and not scope["path"].startswith(SHARED):
            await self._map(scope)
        await self.app(scope, receive, send)

    async def _map(self, scope: Scope) -> None:
        host = _host(scope)
        brand = await self.brands.find_by_host(host) if _may_be_own(host) else None
        if brand is None:
            return
        scope["state"][_KEY] = brand.slug
        prefix = f"/{brand.slug}"
        if not f"{scope['path']}/".startswith(f"{prefix}/"):
            scope["path"] = prefix + scope["path"]
            scope["raw_path"] = prefix.encode() + scope["raw_path"]


def path_prefix(state: Mapping[str, object], slug: str) -> str:
    """What links to the tenant's pages begin with: nothing under its own host."""
    return "" if state.get(_KEY) == slug else f"/{slug}"


def _host(scope: Scope) -> str:
    value = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return value.decode("latin-1").rsplit(":", 1)[0].lower()


def _may_be_own(host: str) -> bool:
    """Saves the look-up for addresses and local names, and keeps health checks free of the database."""
    return host not in ("", "localhost", "127.0.0.1", "[::1]")
