"""Rates by client: 429 with Retry-After for programs, in words for people; nobody pays for another's haste."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection
from tests.booking.pages.conftest import running
from tests.booking.sample import TENANT

from booking.app import build
from booking.domain.catalogue_files import Files
from booking.settings import Settings
from kit.settings import SettingsError, read_settings
from kit.tokens import StaffClaims, sign
from kit.web.client import client_of

SERVICES = f"/v1/tenants/{TENANT}/services"
ENDPOINTS = "/v1/staff/webhook-endpoints"
LOST_LINK = f"/v1/tenants/{TENANT}/find-appointment"


class House:
    """The application, and clients of different addresses."""

    def __init__(self, app: Litestar) -> None:
        self.app = app

    async def get(self, path: str, address: str = "192.0.2.1", **headers: str) -> httpx.Response:
        return await self._send("GET", path, address, headers)

    async def post(self, path: str, body: Any = None, address: str = "192.0.2.1", **headers: str) -> httpx.Response:
        return await self._send("POST", path, address, headers, json=body)

    async def _send(self, method: str, path: str, address: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as client:
            return await client.request(method, path, headers=named, **more)


def staff(house: House, subject: str) -> dict[str, str]:
    claims = StaffClaims(
        subject=subject, tenant=TENANT, roles=("admin",), expires_at=house.app.state.clock() + timedelta(hours=8)
    )
    return {"authorization": f"Bearer {sign(house.app.state.settings.staff_key, 'staff', claims)}"}


Opening = Callable[..., Any]


@pytest.fixture
def opening(booking_settings: Settings, clock: Callable[[], datetime], town: Files) -> Opening:
    @asynccontextmanager
    async def open_house(**settings: Any) -> AsyncIterator[House]:
        app = build(msgspec.structs.replace(booking_settings, **settings), clock)
        async with running(app):
            yield House(app)

    return open_house


async def test_who_is_over_the_rate_is_told_when_to_come_again(opening: Opening) -> None:
    async with opening(rate_search="6/2", rate_other="6/1") as house:
        answers = [await house.get(SERVICES) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too_many_requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert (await house.get(SERVICES, "192.0.2.2")).status_code == 200
        assert (await house.get("/v1/tenants")).status_code == 200  # another class
        for path in ("/health/live", "/health/ready", "/metrics", "/schema"):  # probes are never refused
            assert [(await house.get(path)).status_code for _ in range(2)] == [200, 200], path
        shown = await house.get("/metrics")
        assert 'booking_requests_refused_total{rate="search"}' in shown.text


async def test_a_page_says_it_in_words(opening: Opening) -> None:
    async with opening(rate_search="6/1") as house:
        await house.get(f"/{TENANT}/suche?q=perso", accept="text/html")
        page = await house.get(f"/{TENANT}/suche?q=perso", accept="text/html")
    assert (page.status_code, "Bitte warten Sie einen Augenblick" in page.text) == (429, True)
    assert int(page.headers["retry-after"]) >= 1
    assert "Stadt Muster" in page.text


async def test_guessing_is_limited_harder_than_reading(opening: Opening) -> None:
    async with opening(rate_lost_link="5/5", rate_failures="20/3") as house:
        guess = {"number": "AAAA-BBBB", "email": "x@example.org"}
        answers = [(await house.post(LOST_LINK, guess)).status_code for _ in range(6)]
        assert answers == [202] * 5 + [429]
        wrong = {"authorization": "Bearer wrong"}
        tried = [await house.get(f"/v1/appointments/{uuid4()}", **wrong) for _ in range(4)]
        assert [answer.status_code for answer in tried] == [401, 401, 401, 429]
        assert (tried[-1].json()["code"], int(tried[-1].headers["retry-after"])) == ("too_many_requests", 3)
        assert (await house.get(ENDPOINTS, **wrong)).status_code == 429
        for link in ("zugang", "aktivierung", "einladung", "verhindert"):
            page = await house.get(f"/{TENANT}/{link}/x.y", accept="text/html")
            assert (page.status_code, page.headers["retry-after"]) == (429, "3"), link
            assert "Bitte warten Sie einen Augenblick" in page.text
        assert (await house.get(SERVICES)).status_code == 200
        assert (await house.get(f"/v1/appointments/{uuid4()}", "192.0.2.2", **wrong)).status_code == 401


async def test_nobody_with_a_true_token_is_refused_for_the_wrong_ones_of_the_house(opening: Opening) -> None:
    async with opening(rate_failures="1/1") as house:
        tried = [(await house.get(ENDPOINTS, authorization="Bearer expired")).status_code for _ in range(3)]
        assert tried == [401, 429, 429]
        assert (await house.get(ENDPOINTS, **staff(house, "eva.schmitz"))).status_code == 200


async def test_staff_of_one_house_are_counted_by_person(opening: Opening) -> None:
    async with opening(rate_other="1/2") as house:
        eva, frank = staff(house, "eva.schmitz"), staff(house, "frank.wolters")
        assert [(await house.get(ENDPOINTS, **eva)).status_code for _ in range(3)] == [200, 200, 429]
        assert (await house.get(ENDPOINTS, **frank)).status_code == 200


async def test_made_up_tokens_are_one_clients(opening: Opening) -> None:
    async with opening(rate_other="1/2") as house:
        tried = [await house.get(ENDPOINTS, authorization=f"Bearer made-up-{n}") for n in range(3)]
        assert [answer.status_code for answer in tried] == [401, 401, 429]


async def test_holds_are_refused_before_the_database_hears_of_them(opening: Opening) -> None:
    async with opening(rate_hold="6/1") as house:
        path = f"/v1/tenants/{TENANT}/appointments"
        first, second = [await house.post(path, {"items": []}) for _ in range(2)]
        assert (first.status_code, second.status_code) == (400, 429)
        page = await house.post(f"/{TENANT}/termin/reservierung", accept="text/html")
        assert page.status_code == 429  # the same bucket: no way around by the pages


def connection(address: str, *forwarded: str) -> Any:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return ASGIConnection(cast("Any", {"type": "http", "client": (address, 50_000), "headers": headers}))


def test_an_ipv6_network_is_one_client() -> None:
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.7", "::ffff:192.0.2.7", "x:y"]
    assert [client_of(connection(address), 0) for address in addresses] == [
        "2001:db8:1:2::",
        "2001:db8:1:2::",
        "2001:db8:1:3::",
        "192.0.2.7",
        "192.0.2.7",
        "x:y",
    ]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, ["198.51.100.1"], "10.0.0.2"),  # nobody vouches for the header
        (1, ["198.51.100.1"], "198.51.100.1"),
        (1, ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),  # made up by the caller, further left
        (1, ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),  # in a line of its own
        (2, ["198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        (2, ["198.51.100.1"], "10.0.0.2"),  # came past the first proxy
        (1, ["2001:db8:1:2::1"], "2001:db8:1:2::"),
        (1, [], "10.0.0.2"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: list[str], client: str) -> None:
    assert client_of(connection("10.0.0.2", *forwarded), proxies) == client


async def test_a_portal_with_a_key_answers_for_its_citizens(opening: Opening, tmp_path: Path) -> None:
    keys = tmp_path / "portals.toml"
    keys.write_text('buergerportal = "portal-key-of-the-tests"\n')
    async with opening(rate_search="6/1", portal_keys_file=keys) as house:
        key = {"schalter_portal_key": "portal-key-of-the-tests"}
        assert [(await house.get(SERVICES, **key)).status_code for _ in range(3)] == [200, 200, 200]
        assert (await house.get(SERVICES, schalter_portal_key="another")).status_code == 429


def test_a_setting_that_is_no_rate_names_its_variable() -> None:
    keys = {"DATABASE_URL": "x", "LINK_KEY": "k" * 16, "STAFF_KEY": "k" * 16, "SERVICE_TOKEN": "k" * 16}
    with pytest.raises(SettingsError, match="RATE_HOLD"):
        read_settings(Settings, keys | {"RATE_HOLD": "many"})
