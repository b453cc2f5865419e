"""An admin configures the own tenant over HTTP: all faults named, a dry run, one transaction; nobody else may."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import PERSO, TENANT

from booking.domain.catalogue_files import Files
from booking.settings import Settings
from booking.usecases.configure import configure
from kit.sql import Pool
from kit.tokens import StaffClaims, sign

Client = AsyncTestClient[Litestar]
PATH = "/v1/staff/configuration"


def headers(settings: Settings, clock: SetClock, *roles: str, tenant: str = TENANT) -> dict[str, str]:
    claims = StaffClaims(subject="s1", tenant=tenant, roles=roles, expires_at=clock() + timedelta(hours=1))
    return {"Authorization": f"Bearer {sign(settings.staff_key, 'staff', claims)}"}


@pytest.fixture
def admin(booking_settings: Settings, clock: SetClock) -> dict[str, str]:
    return headers(booking_settings, clock, "admin")


@pytest.fixture
def body(town: Files) -> Any:
    """The sample town as it is, without the tenant's name."""
    services, offices = msgspec.to_builtins(town.services), msgspec.to_builtins(town.offices)
    for section in ("building", "office"):
        for entry in offices[section]:
            del entry["tenant"]
    return {"services": services, "offices": offices}


async def test_the_same_again_changes_nothing(booking_client: Client, admin: dict[str, str], body: Any) -> None:
    answer = await booking_client.post(PATH, json=body, headers=admin)
    assert (answer.status_code, answer.json()) == (200, {"dry_run": False, "changes": []})


async def test_a_dry_run_and_then_the_change(booking_client: Client, admin: dict[str, str], body: Any) -> None:
    body["services"][0]["duration_min"] = 20
    expected = {
        "verb": "changed",
        "kind": "offering",
        "name": f"{PERSO} @ Rathaus",
        "fields": [{"field": "duration_min", "before": "15", "after": "20"}],
    }
    dry = await booking_client.post(PATH, json=body | {"dry_run": True}, headers=admin)
    assert dry.json() == {"dry_run": True, "changes": [expected]}
    shown = f"/v1/tenants/{TENANT}/services?q=personalausweis"
    assert (await booking_client.get(shown)).json()["items"][0]["duration_min"] == 15
    done = await booking_client.post(PATH, json=body, headers=admin)
    assert done.json() == {"dry_run": False, "changes": [expected]}
    assert (await booking_client.get(shown)).json()["items"][0]["duration_min"] == 20


async def test_all_faults_are_named(booking_client: Client, admin: dict[str, str], body: Any) -> None:
    body["services"][0] |= {"duration_min": 17, "fee_cents": -1, "leika": "12"}
    body["services"][1]["office"] = "Nowhere"
    body["offices"]["building"][0]["name"] = "a\0b"
    answer = await booking_client.post(PATH, json=body, headers=admin)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [
        "services[0].leika",
        "services[0].duration_min",
        "services[0].fee_cents",
        "offices.building[0].name",
    ]
    body["services"][0] |= {"duration_min": 15, "fee_cents": 4600, "leika": None}
    body["offices"]["building"][0]["name"] = "Rathaus"
    body["offices"]["office"][0]["tenant"] = "elsewhere"
    answer = await booking_client.post(PATH, json=body, headers=admin)
    assert {error["field"] for error in answer.json()["errors"]} >= {"services[1].office", "offices.office[0].tenant"}


async def test_what_does_not_return_every_week_is_taken_too(
    booking_client: Client, admin: dict[str, str], body: Any
) -> None:
    body["offices"]["special_hours"] = [{"hours": "vormittags", "weekday": "sat", "nth": 1, "span": "09:00-12:00"}]
    answer = await booking_client.post(PATH, json=body, headers=admin)
    assert answer.status_code == 200, answer.text
    assert [change["verb"] for change in answer.json()["changes"]] == ["added"]
    body["offices"]["special_hours"][0]["tenant"] = TENANT
    refused = (await booking_client.post(PATH, json=body, headers=admin)).json()
    assert refused["detail"] == "One thing in the configuration is wrong; nothing was changed."
    assert refused["errors"][0]["field"] == "offices.special_hours[0].tenant"


async def test_a_room_for_video_is_asked_for_and_taken(
    booking_client: Client, admin: dict[str, str], body: Any
) -> None:
    body["services"][0]["channels"] = ["on_site", "video"]
    refused = await booking_client.post(PATH, json=body, headers=admin)
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {
            "field": "services[0].channels",
            "message": "musterstadt has no room for video: give the tenant a video_url_template, or take “video” out of"
            " channels",
        }
    ]
    refused = await booking_client.post(PATH, json=body | {"video_url_template": "http://x/{room}"}, headers=admin)
    assert [error["field"] for error in refused.json()["errors"]] == ["video_url_template"]
    room = "https://video.example/{room}"
    done = await booking_client.post(PATH, json=body | {"video_url_template": room}, headers=admin)
    tenant, service = done.json()["changes"]
    assert tenant["fields"] == [{"field": "video_url_template", "before": "–", "after": room}]
    assert service["fields"] == [{"field": "channels", "before": "on_site", "after": "on_site; video"}]
    assert (await booking_client.post(PATH, json=body, headers=admin)).json()["changes"] == []  # left out: it stays
    refused = await booking_client.post(PATH, json=body | {"video_url_template": None}, headers=admin)
    assert [error["field"] for error in refused.json()["errors"]] == ["services[0].channels"]


@pytest.mark.parametrize("wrong", [{}, [], {"services": 1, "offices": {}}, {"services": [[]], "offices": {"hours": 1}}])
async def test_what_is_no_configuration_is_refused(booking_client: Client, admin: dict[str, str], wrong: Any) -> None:
    answer = await booking_client.post(PATH, json=wrong, headers=admin)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"


async def test_another_tenant_is_out_of_reach(
    booking_client: Client, booking_pool: Pool, booking_settings: Settings, clock: SetClock, body: Any
) -> None:
    await configure(booking_pool, sample.files(slug="other"), clock)
    body["services"][0]["duration_min"] = 20
    others = headers(booking_settings, clock, "admin", tenant="other")
    assert (await booking_client.post(PATH, json=body, headers=others)).status_code == 200
    versions = dict(await booking_pool.fetch("SELECT slug, catalogue_version FROM tenant"))
    assert versions == {TENANT: 1, "other": 2}
    nowhere = headers(booking_settings, clock, "admin", tenant="nowhere")
    assert (await booking_client.post(PATH, json=body, headers=nowhere)).status_code == 404


@pytest.mark.parametrize("role", ["clerk", "lead"])
async def test_only_an_admin_may(
    booking_client: Client, booking_settings: Settings, clock: SetClock, body: Any, role: str
) -> None:
    answer = await booking_client.post(PATH, json=body, headers=headers(booking_settings, clock, role))
    assert answer.status_code == 403
    assert (await booking_client.post(PATH, json=body)).status_code == 401
