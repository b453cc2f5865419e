"""The pages of one service: renders templates in the brand's colours and the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Response, get
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from kit import problems
from kit.requests import AnyRequest
from kit.web.assets import FOREVER, Assets
from kit.web.brand import Brand, Brands, theme_css
from kit.web.cookies import session_cookie
from kit.web.formats import Formats
from kit.web.hosts import OwnHosts, path_prefix
from kit.web.language import COOKIE, Language, Languages
from kit.web.security import SecurityHeaders, content_security_policy, is_api

HOUSE_LANGUAGE = "house_language"
"""Where the request's state keeps it."""


class Site:
    """`package` is the Python package that has `templates/` and `locale/` (for booking: "booking.web").

    `secure`: the pages are reached by https. `form_origins`: where a form's answer may lead besides our own pages.
    `sole_brand`: all pages are its, whatever the path says.
    """

    def __init__(
        self,
        package: str,
        *,
        brands: Brands,
        secure: bool,
        demo_mode: bool = False,
        form_origins: Sequence[str] = (),
        sole_brand: Brand | None = None,
    ) -> None:
        self.brands = brands
        self.secure = secure
        self.demo_mode = demo_mode
        self.form_origins = form_origins
        self.sole_brand = sole_brand
        self.assets = Assets()
        self.languages = Languages(["kit.web", package])
        self._templates = _environment(package)

    @property
    def handlers(self) -> list[HTTPRouteHandler]:
        return [self.assets.handler(), self._theme_handler()]

    def install(self, app: Litestar) -> None:
        """Wrap the application: its own hosts decide the path before routing, and its errors carry the headers too."""
        inner = OwnHosts(app.asgi_handler, self.brands)
        app.asgi_handler = SecurityHeaders(inner, self.form_origins, secure=self.secure)

    def language(self, request: AnyRequest) -> Language:
        return self.languages.choose(request, request.scope["state"].get(HOUSE_LANGUAGE))

    def prefer(self, request: AnyRequest, language: str) -> None:
        """The page, and what goes wrong on it, is written in the language of the house unless the reader chose one."""
        request.scope["state"][HOUSE_LANGUAGE] = language

    def link(self, request: AnyRequest, brand: Brand) -> Callable[[str], str]:
        """Makes paths within the tenant's pages: `url("/suche")`, without a prefix under its own host."""
        prefix = path_prefix(request.scope["state"], brand.slug)
        return lambda path: prefix + path

    def page(
        self,
        request: AnyRequest,
        brand: Brand | None,
        template: str,
        *,
        status: int = 200,
        scripts: bool = False,
        **context: object,
    ) -> Response[str]:
        """Render a page. `brand` is None only where no tenant is known (an unknown address). `scripts`: our own may
        run on it; elsewhere none does.
        """
        t = self.language(request)
        html = self._templates.get_template(template).render(
            t=t,
            f=Formats(t),
            brand=brand,
            url=self.link(request, brand) if brand else str,
            own_pages=_own_pages(brand, self.link(request, brand) if brand else str),
            asset=self.assets.url,
            theme=f"/static/theme/{brand.slug}.css?{self._theme_version(brand)}" if brand else None,
            switch=[
                (code, self.languages.get(code)("language.name"), _with_lang(request, code))
                for code in self.languages.codes
            ],
            demo_mode=self.demo_mode,
            **context,
        )
        policy = content_security_policy(self.form_origins, scripts=True)
        return Response(
            html,
            status_code=status,
            media_type="text/html",
            cookies=self._cookies(request),
            headers={"Content-Security-Policy": policy} if scripts else None,
        )

    def redirect(self, request: AnyRequest, path: str, cookies: Sequence[Cookie] = ()) -> Redirect:
        """303: the answer to a form is another page, which may be loaded again without sending the form twice."""
        return Redirect(path, status_code=303, cookies=[*self._cookies(request), *cookies])

    def cookie(self, name: str, value: str) -> Cookie:
        return session_cookie(name, value, secure=self.secure)

    def exception_handlers(self, base: type[Exception]) -> ExceptionHandlersMap:
        """Errors in words for people, as problem+json for programs. `base`: the root of the service's error tree."""
        api = problems.problem_handlers(base)

        def choose(kind: type[Exception]) -> Callable[[AnyRequest, Any], Response[Any]]:
            def handle(request: AnyRequest, error: Any) -> Response[Any]:
                answer: Response[Any] = api[kind](request, error)  # also logs what was not foreseen
                return answer if _wants_json(request) else self.error_page(request, error, answer.status_code or 500)

            return handle

        return {kind: choose(kind) for kind in (base, HTTPException, *problems.INPUT_FAULTS, Exception)}

    def error_page(self, request: AnyRequest, error: Exception, status: int) -> Response[str]:
        key = f"error.{status}"
        if not self.language(request).has(f"{key}.title"):
            key = "error.400" if status < 500 else "error.500"
        brand = self.sole_brand or self.brands.known(request.scope["path"].split("/")[1])
        page = self.page(request, brand, "kit/error.html", status=status, key=key)
        page.headers.update(problems.retry_after(error) or {})
        return page

    def _theme_handler(self) -> HTTPRouteHandler:
        @get("/static/theme/{file:str}", include_in_schema=False)
        async def theme(file: FromPath[str]) -> Response[str]:
            brand = await self.brands.find(file.removesuffix(".css"))
            if brand is None:
                raise NotFoundException
            return Response(theme_css(brand), media_type="text/css", headers={"Cache-Control": FOREVER})

        return theme

    @staticmethod
    def _theme_version(brand: Brand) -> str:
        return f"{brand.primary}{brand.on_primary}{brand.accent}".replace("#", "")

    def _cookies(self, request: AnyRequest) -> list[Cookie]:
        """A language chosen in the address is kept for the pages that follow."""
        wish = request.query_params.get("lang")
        return [self.cookie(COOKIE, wish)] if wish in self.languages.codes else []


@cache
def _environment(package: str) -> Environment:
    folders = [Path(str(files(name) / "templates")) for name in (package, "kit.web")]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _own_pages(brand: Brand | None, url: Callable[[str], str]) -> Callable[[str], str]:
    """Impressum and the like: where another service shows them, links lead there."""
    home = brand.home if brand else ""
    return (lambda path: home + path) if home else url


def _with_lang(request: AnyRequest, code: str) -> str:
    query: Mapping[str, Any] = {**request.query_params.dict(), "lang": code}
    return "?" + urlencode(query, doseq=True)


def _wants_json(request: AnyRequest) -> bool:
    return is_api(request.scope["path"]) or "text/html" not in request.headers.get("accept", "")
