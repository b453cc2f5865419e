"""An export becomes a bookable tenant: judged by the public API. A newer export is a difference."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.support.masks import check_masks
from tests.booking.zms import sample

from booking.domain.catalogue_files import FileError, Files
from booking.domain.configuration_diff import as_text, summary
from booking.domain.zms.configuration import Choices
from booking.domain.zms.notes import Note
from booking.domain.zms.profile import NewTenant
from booking.terminal import report_of
from booking.usecases.configure import configure
from booking.usecases.import_zms import PHASES, Export, Imported, import_zms, read_export
from kit.progress import Progress
from kit.sql import Pool

Client = AsyncTestClient[Litestar]
TENANT = "seestadt"
MONDAY = "2026-11-30"


async def run(pool: Pool, clock: SetClock, services: Any = None, locations: Any = None, **more: Any) -> Imported:
    export = Export(services or sample.services(), locations or sample.locations())
    tenant = NewTenant(slug=TENANT, name="Stadt am See", ars="091620000000")
    return await import_zms(pool, export, tenant, Choices(), clock, **more)


async def find(client: Client, tenant: str, name: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/tenants/{tenant}/services", params={"q": name})
    found: list[dict[str, Any]] = answer.json()["items"]
    return next(item for item in found if item["name"] == name)


async def times(client: Client, tenant: str, items: str, **query: Any) -> Any:
    return await client.get(
        f"/v1/tenants/{tenant}/availability", params={"items": items, "from": MONDAY, "days": 30} | query
    )


async def book(client: Client, tenant: str, service_id: str, quantity: int, **more: Any) -> dict[str, Any]:
    """The first free time."""
    listed = (await times(client, tenant, f"{service_id}:{quantity}")).json()["days"]
    start = next(f"{day['date']}T{day['times'][0]}:00+01:00" for day in listed if day["times"])
    body = {"items": [{"service_id": service_id, "quantity": quantity}], "start": start} | more
    answer = await client.post(f"/v1/tenants/{tenant}/appointments", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    held: dict[str, Any] = answer.json()
    return held


def minutes(held: dict[str, Any]) -> int:
    return round((datetime.fromisoformat(held["end"]) - datetime.fromisoformat(held["start"])).total_seconds() / 60)


async def test_an_imported_service_is_found_and_booked(
    booking_pool: Pool, booking_client: Client, clock: SetClock
) -> None:
    await run(booking_pool, clock)
    fishing = await find(booking_client, TENANT, "Angelschein")
    assert fishing["leika"] == "99039001001000"
    assert (fishing["fee"], fishing["fee_kind"]) == ({"amount_cents": 3550, "currency": "EUR"}, "fixed")
    held = await book(booking_client, TENANT, fishing["id"], 3)
    assert minutes(held) == 3 * 20
    assert (held["location"]["street"], held["clerk"]["display_name"][:8]) == ("Seestraße 3", "Schalter")
    assert await check_masks(booking_pool, TENANT, clock()) == []
    there = (await times(booking_client, TENANT, f"{fishing['id']}:3", channel="phone")).json()
    assert there["errors"][0]["field"] == "channel"


async def test_what_may_share_a_visit_shares_it(booking_pool: Pool, booking_client: Client, clock: SetClock) -> None:
    services = sample.services()
    services["data"][2] |= {"public": True}
    locations = sample.locations()
    locations["data"][1]["services"].append({"service": "11", "duration": 10})
    await run(booking_pool, clock, services, locations)
    ids = [
        (await find(booking_client, TENANT, name))["id"]
        for name in ("Angelschein", "Hundesteuer anmelden", "Lager prüfen")
    ]
    together = await times(booking_client, TENANT, f"{ids[0]}:1,{ids[1]}:1")
    assert any(day["free"] for day in together.json()["days"])
    apart = await times(booking_client, TENANT, f"{ids[0]}:1,{ids[2]}:1")
    assert (apart.status_code, apart.json()["errors"][0]["field"]) == (400, "items[1].service_id")


async def test_citizens_neither_find_nor_book_what_is_the_staff_s(
    booking_pool: Pool, booking_client: Client, clock: SetClock
) -> None:
    await run(booking_pool, clock)
    listed = (await booking_client.get(f"/v1/tenants/{TENANT}/services")).json()["items"]
    assert [item["name"] for item in listed] == ["Angelschein", "Hundesteuer anmelden"]
    internal = await booking_pool.fetchval("SELECT id FROM service WHERE name = 'Lager prüfen' AND offered")
    answer = await times(booking_client, TENANT, f"{internal}:1")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, "no such service here")
    body = {"items": [{"service_id": str(internal)}], "start": f"{MONDAY}T09:00:00+01:00"}
    path = f"/v1/tenants/{TENANT}/appointments"
    assert (await booking_client.post(path, json=body, headers={"Idempotency-Key": "k"})).status_code == 400
    assert (await booking_client.get(f"/{TENANT}/leistungen/{internal}")).status_code == 404


async def test_a_newer_export_is_a_difference(booking_pool: Pool, booking_client: Client, clock: SetClock) -> None:
    await run(booking_pool, clock)
    assert (await run(booking_pool, clock)).changes == []
    services, locations = sample.services(), sample.locations()
    services["data"][0] |= {"name": "Fischereischein", "fees": "40 Euro"}
    services["data"][1] |= {"id": "21", "name": "Hundesteuer anmelden"}  # another one of the same name
    services["data"][0]["combinable"] = [10]
    locations["data"][0]["services"][0]["duration"] = 25
    locations["data"][0]["services"][1]["service"] = "21"
    dry = await run(booking_pool, clock, services, locations, dry_run=True)
    lines = {line.strip() for line in as_text(dry.changes)}
    assert {
        "+ service Hundesteuer anmelden",
        "- service Hundesteuer anmelden",
        "+ offering Hundesteuer anmelden @ Bürgeramt (BA 1)",
        "~ offering Fischereischein @ Bürgeramt (BA 1): duration_min 20 → 25; extra_item_min 20 → 25",
    } < lines
    assert any(line.startswith("~ service Fischereischein: name Angelschein → Fischereischein;") for line in lines)
    assert (await find(booking_client, TENANT, "Angelschein"))["fee"]["amount_cents"] == 3550
    await run(booking_pool, clock, services, locations)
    found = await find(booking_client, TENANT, "Fischereischein")
    assert found["fee"]["amount_cents"] == 4000
    assert await booking_pool.fetchval("SELECT count(*) FROM service WHERE name = 'Hundesteuer anmelden'") == 2


async def test_files_that_name_no_office_of_it_leave_an_import_alone(
    booking_pool: Pool, town: Files, clock: SetClock
) -> None:
    """So a tenant may stand in tenants.toml for the other services, and have its catalogue from ZMS."""
    await run(booking_pool, clock)
    (profile,) = town.tenants
    other = type(profile)(**{name: getattr(profile, name) for name in profile.__struct_fields__} | {"slug": TENANT})
    changes = (await configure(booking_pool, town._replace(tenants=[profile, other]), clock))[1].changes
    assert {change.kind for change in changes} == {"tenant"}
    assert await booking_pool.fetchval("SELECT count(*) FROM service WHERE tenant = $1 AND offered", TENANT) == 3
    kept = (await run(booking_pool, clock)).changes
    assert {change.kind for change in kept} == {"tenant", "rule"}  # the name that was given again; the state's customs


async def test_progress_is_told_in_lines(tmp_path: Path, booking_pool: Pool, clock: SetClock) -> None:
    out = StringIO()
    phases = Progress(PHASES, out).phase
    for name, content in (("s.json", sample.services()), ("l.json", sample.locations())):
        (tmp_path / name).write_text(json.dumps(content))
    export = await read_export(tmp_path / "s.json", tmp_path / "l.json", phases)
    done = await import_zms(booking_pool, export, NewTenant(slug=TENANT, name=None), Choices(), clock, phases=phases)
    assert out.getvalue().splitlines() == [
        "1/5 reading the services",
        "2/5 reading the locations",
        "3/5 understanding them",
        "4/5 comparing and writing",
        "5/5 making the calendars",
    ]
    assert "service added: 3" in summary(done.changes)


def test_the_report_is_a_table_or_json() -> None:
    notes = [Note("service", "1", "=HYPERLINK(1)", "fees", "is; odd", "nothing")]
    assert report_of(notes, ".csv") == (
        '\ufeffkind;id;name;field;why;assumed\r\nservice;1;\'=HYPERLINK(1);fees;"is; odd";nothing\r\n'
    )
    assert json.loads(report_of(notes, ".json"))[0]["why"] == "is; odd"


async def test_files_that_are_no_json_are_named(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_bytes(b"\xff{")
    with pytest.raises(FileError, match="is no JSON"):
        await read_export(tmp_path / "s.json", tmp_path / "l.json")
    (tmp_path / "s.json").write_text("[]")
    with pytest.raises(FileError, match=r"l.json: cannot be read"):
        await read_export(tmp_path / "s.json", tmp_path / "l.json")


@pytest.mark.skipif(not sample.MUNICH[0].exists(), reason="the export of Munich lies beside the project, not in it")
async def test_munich_becomes_a_bookable_tenant(booking_pool: Pool, booking_client: Client, clock: SetClock) -> None:
    export = await read_export(*sample.MUNICH)
    tenant = NewTenant(slug="muenchen", name="Landeshauptstadt München", ars="091620000000")
    done = await import_zms(booking_pool, export, tenant, Choices(counters=1), clock)
    counts = [
        await booking_pool.fetchval(f"SELECT count(*) FROM {table}") for table in ("service", "location", "offering")
    ]
    assert counts == [287, 109, 526]
    assert await booking_pool.fetchval("SELECT count(*) FROM service WHERE leika IS NOT NULL") == 132
    for source in [one for one in export.services["data"][:40] if one["public"] and len(one["locations"]) == 1]:
        service = await find(booking_client, "muenchen", source["name"])
        ref = next(r for p in export.locations["data"] for r in p["services"] if r["service"] == source["id"])
        expected = (ref["duration"], ref.get("maxQuantity", source["maxQuantity"]))
        assert (service["duration_min"], service["max_quantity"]) == expected
    card = next(one for one in export.services["data"] if one["name"] == "Personalausweis")
    service = await find(booking_client, "muenchen", "Personalausweis")
    held = await book(booking_client, "muenchen", service["id"], card["maxQuantity"])
    assert minutes(held) == card["duration"] * card["maxQuantity"]
    assert await check_masks(booking_pool, "muenchen", clock()) == []
    fields = {note.field for note in done.notes}
    assert {"fees", "opening_times", "combinable", "leika", "sharedBookingOfficeIds"} <= fields
    assert (await import_zms(booking_pool, export, tenant, Choices(counters=1), clock)).changes == []
