"""What every answer carries, and where a form may come from."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kit.requests import AnyConnection

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
API_PATHS = ("/v1/", "/internal/", "/webhooks/", "/xbezahldienste/", "/health/", "/metrics", "/schema", "/feeds/")
"""Answers to programs: their errors are problem+json, whatever the client accepts."""


def content_security_policy(form_origins: Sequence[str] = (), *, scripts: bool = False) -> str:
    """`form_origins`: where a POST of ours may be redirected to. Chromium holds redirects against `form-action`.

    `scripts`: files of our own, with workers and requests to ourselves; never a script within a page.
    """
    form_action = " ".join(["'self'", *form_origins])
    own_scripts = " script-src 'self'; worker-src 'self'; connect-src 'self';" if scripts else ""
    return (
        f"default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:;{own_scripts}"
        f" form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )


def is_api(path: str) -> bool:
    return path.startswith(API_PATHS)


class SecurityHeaders:
    """Around the whole application, so that errors carry them too. A handler's own `Cache-Control` stands."""

    def __init__(self, app: ASGIApp, form_origins: Sequence[str], *, secure: bool) -> None:
        self.app = app
        headers = {
            "Content-Security-Policy": content_security_policy(form_origins),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name.lower() for name, _ in given}
                message["headers"] = given + [header for header in self.headers if header[0] not in names]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def same_origin(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard of page routes: a form that changes something must come from our own page. Raises 403.

    `Sec-Fetch-Site` decides where the browser sends it. Older ones send `Origin`, which our `no-referrer` turns into
    "null"; for those the cookies' SameSite=Lax keeps a foreign form without rights.
    """
    if connection.scope.get("method") in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin", "null")
    foreign = origin != "null" and urlsplit(origin).netloc != connection.headers.get("host")
    if site not in (None, "same-origin", "none") or (site is None and foreign):
        raise PermissionDeniedException("This form was not sent from our own page.")
