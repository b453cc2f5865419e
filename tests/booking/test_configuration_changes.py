"""What a changed file does to a tenant: said in words before, done in one transaction, and nothing without a change."""

import importlib.resources
from typing import Any

import asyncpg
import msgspec
import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import PASS, PERSO, TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.masks import check_masks
from tests.support.database import Database

from booking.domain.catalogue_files import ClerkEntry, Files, Resource
from booking.domain.configuration_diff import as_text, summary
from booking.domain.errors import Invalid, SlotTaken
from booking.usecases.configure import configure
from kit.sql import Pool

replace = msgspec.structs.replace


async def run(pool: Pool, files: Files, clock: SetClock, *, dry_run: bool = False) -> list[str]:
    """What changes, in words."""
    (found,) = await configure(pool, files, clock, dry_run=dry_run)
    return [line.strip() for line in as_text(found.changes)]


def with_service(files: Files, name: str, **values: Any) -> Files:
    rows = [replace(row, **values) if row.name == name else row for row in files.services]
    return files._replace(services=rows)


def with_office(files: Files, unit: str, **values: Any) -> Files:
    offices = tuple(replace(one, **values) if one.unit == unit else one for one in files.offices.office)
    return files._replace(offices=replace(files.offices, office=offices))


async def version(pool: Pool) -> int:
    number: int = await pool.fetchval("SELECT catalogue_version FROM tenant WHERE slug = $1", TENANT)
    return number


async def test_a_dry_run_says_what_would_change_and_changes_nothing(
    booking_pool: Pool, town: Files, clock: SetClock
) -> None:
    changed = with_service(town, PERSO, duration_min=20, fee_cents=4700, synonyms=("Perso", "Ausweis"))
    changed = changed._replace(
        services=[*changed.services[:1], *changed.services[2:], sample.service("Fischereischein")]
    )
    expected = [
        "- service Reisepass beantragen",
        "+ service Fischereischein",
        "~ service Personalausweis beantragen: synonyms Perso → Perso; Ausweis; fees 46.00 EUR → 47.00 EUR",
        "- offering Reisepass beantragen @ Rathaus",
        "+ offering Fischereischein @ Rathaus",
        "~ offering Personalausweis beantragen @ Rathaus: duration_min 15 → 20",
    ]
    assert sorted(await run(booking_pool, changed, clock, dry_run=True)) == sorted(expected)
    assert await version(booking_pool) == 1
    assert sorted(await run(booking_pool, changed, clock)) == sorted(expected)
    assert await version(booking_pool) == 2
    assert await run(booking_pool, changed, clock) == []
    assert await version(booking_pool) == 2


async def test_hours_rooms_and_closures_are_said_in_words(booking_pool: Pool, town: Files, clock: SetClock) -> None:
    hours: Any = {"vormittags": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-12:00",)) | {"fri": ()}}
    room = Resource(tenant=TENANT, building="Rathaus", group="Trauzimmer", label="Turmzimmer")
    changed = town._replace(offices=replace(town.offices, hours=hours, resource=(room,)))
    changed = with_service(changed, sample.MARRIAGE, resources=("Trauzimmer",))
    assert await run(booking_pool, changed, clock) == [
        "+ lane Turmzimmer @ Rathaus",
        "~ offering Anmeldung Eheschließung @ Rathaus: resource_groups – → Trauzimmer",
        "- rule Rathaus: fri 08:00-12:00",
    ]
    friday = await booking_pool.fetchval("SELECT bit_or(open) FROM day_mask WHERE extract(isodow FROM day) = 5")
    assert friday is not None
    assert "1" not in friday.to_int().__format__("b")


async def test_a_clerk_who_left_is_booked_no_more_and_keeps_what_was_booked(
    booking_pool: Pool, life: Life, town: Files, clock: SetClock
) -> None:
    held = [await life.hold() for _ in range(3)]
    lanes = {access: await lane_of(booking_pool, access.appointment_id) for access in held}
    fewer = with_office(town, "Bürgerbüro", clerks=(ClerkEntry("Clerk 0", "clerk0@x.example", "Schalter 0"),))
    found = await run(booking_pool, fewer, clock)
    assert {"- clerk Clerk 1", "- lane Clerk 1 @ Rathaus", "- clerk Clerk 2"} <= set(found)
    assert [await lane_of(booking_pool, access.appointment_id) for access in held] == list(lanes.values())
    conflicts = await booking_pool.fetch("SELECT appointment_id, cause FROM conflict WHERE resolved_at IS NULL")
    stayed = await booking_pool.fetchval(
        "SELECT l.id FROM lane l JOIN clerk c ON c.id = l.clerk_id WHERE c.display_name = 'Clerk 0'"
    )
    stranded = {access.appointment_id for access, lane in lanes.items() if lane != stayed}
    assert {row["appointment_id"] for row in conflicts} == stranded
    assert len(stranded) == 2
    await life.hold(at("09:00"))
    with pytest.raises(SlotTaken):
        await life.hold(at("09:00"))
    assert await check_masks(booking_pool, TENANT, clock()) == []
    again = await run(booking_pool, town, clock)
    assert "+ clerk Clerk 1" in again
    assert await lane_of(booking_pool, held[0].appointment_id) == lanes[held[0]]  # and has the same lane
    assert await booking_pool.fetchval("SELECT count(*) FROM lane") == 4
    assert await booking_pool.fetchval("SELECT count(*) FROM conflict WHERE resolved_at IS NULL") == 0
    assert await check_masks(booking_pool, TENANT, clock()) == []


def told_by(files: Files, calendar: Any) -> Files:
    """Each clerk of the counter, unless the clerk chooses."""
    counter = next(one for one in files.offices.office if one.unit == "Bürgerbüro")
    return with_office(files, "Bürgerbüro", clerks=tuple(replace(one, calendar=calendar) for one in counter.clerks))


async def test_whom_the_office_invites_from_now_on_is_invited_to_what_was_booked(
    booking_pool: Pool, life: Life, town: Files, clock: SetClock
) -> None:
    await run(booking_pool, told_by(town, "digest"), clock)
    visits = [await life.booked() for _ in range(3)]
    chose, left, stayed = [(await life.clerks_entries(visit))[0][0] for visit in visits]
    await booking_pool.execute(
        "INSERT INTO clerk_calendar (clerk_id, tenant, channel, updated_at) SELECT id, tenant, 'digest', now()"
        " FROM clerk WHERE display_name = $1",
        chose,
    )
    await booking_pool.execute("UPDATE clerk SET retired_at = now() WHERE display_name = $1", left)
    found = await run(booking_pool, told_by(town, "invite"), clock)
    assert f"~ clerk {stayed}: calendar digest → invite" in found
    assert await run(booking_pool, told_by(town, "invite"), clock) == []
    invited = [(await life.events(visit)).count("invite_due") for visit in visits]
    assert invited == [0, 1, 1]


async def lane_of(pool: Pool, appointment_id: object) -> int:
    lane: int = await pool.fetchval("SELECT lane_id FROM appointment WHERE id = $1", appointment_id)
    return lane


async def test_a_fee_by_law_and_its_former_amount(booking_pool: Pool, town: Files, clock: SetClock) -> None:
    changed = with_service(
        town, PASS, fee_cents=7500, fee_from=msgspec.convert("2027-01-01", type(clock().date())), former_fee_cents=7000
    )
    assert await run(booking_pool, changed, clock) == [
        "~ service Reisepass beantragen: fees 70.00 EUR → 70.00 EUR; 75.00 EUR from 2027-01-01"
    ]
    assert await run(booking_pool, town, clock) == [
        "~ service Reisepass beantragen: fees 70.00 EUR; 75.00 EUR from 2027-01-01 → 70.00 EUR"
    ]


async def test_a_tenant_s_profile_is_compared_too(booking_pool: Pool, town: Files, clock: SetClock) -> None:
    (profile,) = town.tenants
    changed = town._replace(tenants=[replace(profile, retention_days=3, hosts=("termine.muster.example",))])
    assert await run(booking_pool, changed, clock) == [
        "~ tenant Stadt Muster: hosts – → termine.muster.example; retention_days 7 → 3"
    ]


ROOM = "https://video.muster.example/{room}"


def with_room(files: Files, room: str | None = ROOM) -> Files:
    return files._replace(tenants=[replace(profile, video_url_template=room) for profile in files.tenants])


async def test_a_room_for_video_comes_and_goes_in_words(booking_pool: Pool, town: Files, clock: SetClock) -> None:
    by_video = with_room(with_service(town, sample.MARRIAGE, channels=("on_site", "video")))
    assert await run(booking_pool, by_video, clock) == [
        f"~ tenant Stadt Muster: video_url_template – → {ROOM}",
        f"~ service {sample.MARRIAGE}: channels on_site → on_site; video",
    ]
    assert await run(booking_pool, by_video, clock) == []
    assert await run(booking_pool, with_room(town, "https://b.example/{room}"), clock) == [
        f"~ tenant Stadt Muster: video_url_template {ROOM} → https://b.example/{{room}}",
        f"~ service {sample.MARRIAGE}: channels on_site; video → on_site",
    ]


async def test_a_room_stays_while_an_imported_catalogue_needs_it(
    booking_pool: Pool, town: Files, clock: SetClock
) -> None:
    await run(booking_pool, with_room(with_service(town, sample.MARRIAGE, channels=("video",))), clock)
    profile_alone = town._replace(services=[], offices=replace(town.offices, building=(), office=()))
    with pytest.raises(Invalid, match=f"offers “{sample.MARRIAGE}” by video and has no room for it: give the tenant"):
        await run(booking_pool, profile_alone, clock)
    assert await booking_pool.fetchval("SELECT profile ->> 'video_url_template' FROM tenant") == ROOM


async def test_a_room_that_was_set_by_hand_stays(booking_pool: Pool, booking_database: Database, town: Files) -> None:
    """The migration that made a field of it, on what stood there before."""
    await booking_pool.execute(
        "INSERT INTO tenant (slug, profile, position) SELECT 'other', profile, 1 FROM tenant WHERE slug = $1", TENANT
    )
    await booking_pool.execute("DELETE FROM tenant_setting")
    await booking_pool.execute(
        "INSERT INTO tenant_setting VALUES ($1, 'https://a.example/{id}'), ('other', 'https://user@b.example/{id}')",
        TENANT,
    )
    owner = await asyncpg.connect(booking_database.owner_url)
    await owner.execute((importlib.resources.files("booking") / "migrations/0083_video_room.sql").read_text("utf-8"))
    await owner.close()
    rooms = dict(await booking_pool.fetch("SELECT slug, profile ->> 'video_url_template' FROM tenant"))
    assert rooms == {TENANT: "https://a.example/{room}", "other": None}


async def test_a_new_tenant_is_summed_up(booking_pool: Pool, clock: SetClock) -> None:
    (found,) = await configure(booking_pool, sample.files(), clock, dry_run=True)
    assert summary(found.changes) == (
        "tenant added: 1, office added: 2, location added: 1, clerk added: 4, lane added: 4, service added: 5,"
        " offering added: 3, rule added: 9"
    )
    assert await booking_pool.fetchval("SELECT count(*) FROM tenant") == 0
