"""The shell around a page, in an application as small as it can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar, Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.testing import TestClient

from kit.web.brand import Brand, Brands
from kit.web.security import same_origin
from kit.web.site import Site

HTML = {"Accept": "text/html"}
BRAND = Brand(
    slug="heinsberg",
    name="Stadt Heinsberg",
    primary="#8a1220",
    on_primary="#ffffff",
    accent="#c8c8c8",
    hosts=("service.heinsberg.example",),
)


class SampleError(Exception):
    status = 409
    code = "sample"
    title = "Sample"
    detail = "A sample."
    errors = ()


async def load() -> list[Brand]:
    return [BRAND]


def build(**settings: object) -> Litestar:
    site = Site("kit.web", brands=Brands(load), secure=False, **settings)  # type: ignore[arg-type] # test settings

    @get("/{tenant:str}/seite")
    async def page(tenant: FromPath[str], request: Request) -> Response[str]:
        brand = await site.brands.find(tenant)
        return site.page(request, brand, "kit/error.html", key="error.404")

    @post("/{tenant:str}/seite")
    async def send(tenant: FromPath[str], request: Request) -> Response:
        return site.redirect(request, site.link(request, BRAND)("/fertig"))

    @get(["/v1/fault", "/heinsberg/fault"])
    async def fault() -> None:
        raise SampleError

    @get("/heinsberg/crash")
    async def crash() -> None:
        raise RuntimeError("secret detail")

    app = Litestar(
        [Router("/", route_handlers=[page, send], guards=[same_origin]), fault, crash, *site.handlers],
        exception_handlers=site.exception_handlers(SampleError),
        openapi_config=None,
    )
    site.install(app)
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(build(), base_url="http://testserver.local", raise_server_exceptions=False) as client:
        yield client


def test_every_answer_carries_the_exact_policy(client: TestClient) -> None:
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    for path in ("/heinsberg/seite", "/nowhere", "/v1/fault", "/heinsberg/crash"):
        headers = client.get(path, headers=HTML).headers
        assert headers["content-security-policy"] == policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_checkouts_origin_may_receive_forms() -> None:
    with TestClient(build(form_origins=["https://kasse.example"])) as client:
        policy = client.get("/heinsberg/seite").headers["content-security-policy"]
    assert "form-action 'self' https://kasse.example;" in policy


def test_a_page_names_its_language_and_brand(client: TestClient) -> None:
    german = client.get("/heinsberg/seite", headers=HTML).text
    assert '<html lang="de">' in german
    assert "Stadt Heinsberg" in german
    english = client.get("/heinsberg/seite?lang=en", headers=HTML)
    assert "This page does not exist" in english.text
    assert "schalter_language=en" in english.headers["set-cookie"]
    assert "HttpOnly" in english.headers["set-cookie"]
    assert "SameSite=lax" in english.headers["set-cookie"]


def test_a_demonstration_says_so() -> None:
    with TestClient(build(demo_mode=True)) as client:
        assert "Vorführung – keine echten Zahlungen" in client.get("/heinsberg/seite").text


def test_under_its_own_host_a_tenant_needs_no_prefix(client: TestClient) -> None:
    own = {"Host": "service.heinsberg.example:8001", **HTML}
    page = client.get("/seite", headers=own)
    assert page.status_code == 200
    assert 'href="/impressum"' in page.text
    assert 'href="/heinsberg/impressum"' in client.get("/heinsberg/seite", headers=HTML).text
    assert client.post("/seite", headers=own, follow_redirects=False).headers["location"] == "/fertig"
    assert client.get("/seite", headers=HTML).status_code == 404


def test_own_host_leaves_static_files_where_they_are(client: TestClient) -> None:
    page = client.get("/seite", headers={"Host": "service.heinsberg.example", **HTML}).text
    addresses = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/static")]
    assert addresses
    for address in addresses:
        assert client.get(address, headers={"Host": "service.heinsberg.example"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "http://testserver.local"}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver.local"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.local.evil.example"}, 403),
    ],
)
def test_a_form_must_come_from_our_own_page(client: TestClient, headers: dict[str, str], status: int) -> None:
    answer = client.post("/heinsberg/seite", headers={**HTML, **headers}, follow_redirects=False)
    assert answer.status_code == status
    if status == 403:
        assert "nicht von unserer Seite" in answer.text


def test_errors_are_words_for_people_and_problems_for_programs(client: TestClient) -> None:
    page = client.get("/heinsberg/fault", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (409, "text/html; charset=utf-8")
    assert "Stadt Heinsberg" in client.get("/heinsberg/seite").text
    program = client.get("/v1/fault", headers=HTML)
    assert (program.status_code, program.headers["content-type"]) == (409, "application/problem+json")
    assert program.json()["code"] == "sample"


def test_a_fault_tells_no_detail(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/heinsberg/crash", headers=HTML)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Der Fehler liegt bei uns" in answer.text


def test_static_files_are_kept_for_a_year_and_compressed(client: TestClient) -> None:
    page = client.get("/heinsberg/seite").text
    address = next(part.split('"')[0] for part in page.split('href="') if part.endswith("") and "kern.css" in part[:60])
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert client.get(address.replace("kern.css", "../site.py")).status_code == 404


def test_the_theme_is_the_brands_own(client: TestClient) -> None:
    assert "#8a1220" in client.get("/static/theme/heinsberg.css").text
    assert client.get("/static/theme/nowhere.css").status_code == 404


TEMPLATES = sorted(
    file
    for base in ("shared/src", "services", "deploy/demo/src")
    for file in (Path(__file__).parents[3] / base).rglob("templates/**/*.html")
    if "mail" not in file.parts
)
WITH_STYLES = {"notify/web/templates/templates.html"}
"""Its page has a policy of its own: the mails that it shows bring styles."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text("utf-8")
    text = text.replace("""<script type="module" src="{{ asset(""", "a file of our own: ")
    if "/".join(template.parts[-4:]) in WITH_STYLES:
        text = text.replace("<style>", "styles that are allowed: ")
    for forbidden in ("style=", "<style", "<script", "http://", "https://", " onclick", "javascript:", "| safe"):
        assert forbidden not in text, forbidden
