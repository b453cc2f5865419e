"""A clerk's own calendar takes time from what is offered, and gives it back; nothing else of it is kept."""

import logging
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import SUBJECTS, TENANT
from tests.booking.support.life import Life
from tests.booking.support.own_calendars import CLERKS, connect, free, status
from tests.booking.support.published import Published, a_calendar
from tests.booking.support.staff import staff

from booking.domain.catalogue_files import Files
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.check_tenant import check_all
from booking.usecases.configure import configure
from booking.usecases.read_busy_times import BusyReader, read_busy_times

MORNING = "DTSTART;TZID=Europe/Berlin:20261125T080000 DTEND;TZID=Europe/Berlin:20261125T100000"
"""Of Wednesday, on which the tests book."""


def without_first_clerk(town: Files) -> Files:
    counter, *others = town.offices.office
    _first, second, *last = counter.clerks
    changed = msgspec.structs.replace(second, function="Schalter 7")
    fewer = msgspec.structs.replace(counter, clerks=(changed, *last))
    return town._replace(offices=msgspec.structs.replace(town.offices, office=(fewer, *others)))


async def test_busy_times_are_not_offered_and_come_back(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    whole = await free(life)
    published.data = a_calendar(f"UID:dentist {MORNING} SUMMARY:Zahnarzt")
    await connect(client, published.url)
    assert await read_busy_times(reader) == 1
    assert await free(life) == whole - 24
    assert await free(life, CLERKS[1]) == whole
    assert await check_all(life.pool, clock, TENANT) == []
    assert await read_busy_times(reader) == 0, "not before its time"
    clock.advance(minutes=11)
    published.data = a_calendar()
    await read_busy_times(reader)
    assert await free(life) == whole


async def test_an_unchanged_calendar_is_asked_for_news_alone(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    published.data = a_calendar(f"UID:1 {MORNING}")
    await connect(client, published.url)
    for _ in range(3):
        await read_busy_times(reader)
        clock.advance(minutes=11)
    assert published.answers == [200, 304, 304]
    assert (await status(client))["busy_count"] == 1


async def test_an_unchanged_calendar_is_read_on_as_booking_reaches_further(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    def last_end() -> Any:
        return life.pool.fetchval("SELECT max(ends_at) FROM busy_time")

    published.data = a_calendar("UID:1 DTSTART:20260101T080000Z DTEND:20260101T090000Z RRULE:FREQ=DAILY")
    await connect(client, published.url)
    await read_busy_times(reader)
    before = await last_end()
    clock.advance(days=1)
    await read_busy_times(reader)
    assert await last_end() == before + timedelta(days=1)
    clock.advance(minutes=11)
    await read_busy_times(reader)
    assert published.answers == [200, 200, 304]


async def test_a_calendar_that_fails_keeps_its_last_times_and_says_since_when(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    published.data = a_calendar(f"UID:1 {MORNING}")
    await connect(client, published.url)
    await read_busy_times(reader)
    taken = await free(life)
    clock.advance(minutes=11)
    published.status, failed_at = 503, clock()
    await read_busy_times(reader)
    clock.advance(minutes=11)
    await read_busy_times(reader)
    shown = await status(client)
    assert (shown["failing_since"], shown["cause"]) == (failed_at.isoformat().replace("+00:00", "Z"), "503")
    assert await free(life) == taken
    clock.advance(minutes=11)
    published.status = 200
    await read_busy_times(reader)
    assert (await status(client))["failing_since"] is None


async def test_our_own_invitations_do_not_block_and_make_no_conflict(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    await life.booked("08:00")
    row = await life.pool.fetchrow("SELECT id, clerk_id, starts_at, ends_at FROM assignment")
    span = f"DTSTART:{row['starts_at']:%Y%m%dT%H%M%SZ} DTEND:{row['ends_at']:%Y%m%dT%H%M%SZ}"
    published.data = a_calendar(f"UID:{row['id']}@town.example {span}")
    await connect(client, published.url, row["clerk_id"])
    await read_busy_times(reader)
    clock.advance(minutes=11)
    published.data = a_calendar(f"UID:hidden-by-the-server {span}")
    await read_busy_times(reader)
    assert published.answers == [200, 200]
    assert (await status(client, row["clerk_id"]))["busy_count"] == 0
    assert await life.pool.fetchval("SELECT count(*) FROM conflict") == 0


async def test_an_own_appointment_at_the_time_of_a_visit_called_off_blocks(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published
) -> None:
    access = await life.booked("08:00")
    row = await life.pool.fetchrow("SELECT id, clerk_id, starts_at, ends_at FROM assignment")
    await cancel_appointment(life.pool, life.clock, access)
    span = f"DTSTART:{row['starts_at']:%Y%m%dT%H%M%SZ} DTEND:{row['ends_at']:%Y%m%dT%H%M%SZ}"
    published.data = a_calendar(f"UID:{row['id']}@town.example {span}")
    await connect(client, published.url, row["clerk_id"])
    await read_busy_times(reader)
    assert (await status(client, row["clerk_id"]))["busy_count"] == 0
    published.data = a_calendar(f"UID:{row['id']}@town.example {span}", f"UID:dentist {span}")
    await connect(client, published.url, row["clerk_id"])
    await read_busy_times(reader)
    assert (await status(client, row["clerk_id"]))["busy_count"] == 1


async def test_a_visit_booked_already_becomes_a_conflict_and_stands(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published
) -> None:
    access = await life.booked("08:00")
    clerk = await life.pool.fetchval("SELECT clerk_id FROM assignment")
    published.data = a_calendar(f"UID:1 {MORNING}")
    await connect(client, published.url, clerk)
    await read_busy_times(reader)
    (conflict,) = (await client.get("/v1/staff/conflicts", headers=staff("lead"))).json()["items"]
    assert (conflict["appointment_id"], conflict["cause"]) == (str(access.appointment_id), "absence")
    assert (await life.view(access)).state == "confirmed"


async def test_taken_back_its_times_are_open_again(
    client: AsyncTestClient[Litestar], reader: BusyReader, life: Life, published: Published, clock: SetClock
) -> None:
    whole = await free(life)
    published.data = a_calendar(f"UID:1 {MORNING}")
    await connect(client, published.url)
    await read_busy_times(reader)
    path = f"/v1/staff/clerks/{CLERKS[0]}/busy-calendar"
    assert (await client.delete(path, headers=staff("lead"))).status_code == 204
    assert await free(life) == whole
    assert not (await status(client))["is_connected"]
    assert await check_all(life.pool, clock, TENANT) == []


async def test_who_leaves_leaves_no_address_and_no_times(
    client: AsyncTestClient[Litestar],
    reader: BusyReader,
    life: Life,
    published: Published,
    clock: SetClock,
    town: Files,
) -> None:
    whole = await free(life)
    published.data = a_calendar(f"UID:1 {MORNING}")
    for clerk in CLERKS[:2]:
        await connect(client, published.url, clerk)
        await read_busy_times(reader)
    await configure(life.pool, without_first_clerk(town), clock)
    (left,) = await life.pool.fetch("SELECT clerk_id FROM busy_source")
    assert left["clerk_id"] == CLERKS[1], "who stays keeps the own, changed or not"
    assert await life.pool.fetchval("SELECT count(DISTINCT clerk_id) FROM busy_time") == 1
    assert await check_all(life.pool, clock, TENANT) == []
    await configure(life.pool, town, clock)
    assert not (await status(client))["is_connected"]
    assert await free(life) == whole


async def test_nothing_but_times_is_kept_and_the_address_is_told_to_nobody(
    client: AsyncTestClient[Litestar],
    reader: BusyReader,
    life: Life,
    published: Published,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    published.data = a_calendar(f"UID:1 {MORNING} SUMMARY:Zahnarzt")
    answer = await connect(client, published.url)
    await read_busy_times(reader)
    rows = await life.pool.fetch(
        "SELECT to_jsonb(s)::text || convert_from(address, 'latin1') AS row FROM busy_source s"
        " UNION ALL SELECT to_jsonb(b)::text FROM busy_time b"
    )
    lines = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # silenced by kit.log
    told = answer.text + str(await status(client)) + str([row["row"] for row in rows]) + str(lines)
    assert "Zahnarzt" not in told
    assert "secret-token" not in told


@pytest.mark.parametrize(
    ("url", "cause"),
    [("https://10.0.0.1/x.ics", "private_address"), ("https://localhost:1/x.ics", "private_address")],
)
async def test_our_own_network_is_not_read(
    client: AsyncTestClient[Litestar], reader: BusyReader, url: str, cause: str
) -> None:
    await connect(client, url)
    await read_busy_times(reader._replace(allow_loopback=False))
    assert (await status(client))["cause"] == cause


async def test_a_redirect_is_followed_only_to_where_one_may_go(
    client: AsyncTestClient[Litestar], reader: BusyReader, published: Published, clock: SetClock
) -> None:
    published.status, published.location = 302, "https://169.254.169.254/latest/meta-data"
    await connect(client, published.url)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == "private_address"
    published.location = published.url
    clock.advance(minutes=11)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == "too_many_redirects"


async def test_what_is_too_large_is_not_read_to_its_end(
    client: AsyncTestClient[Litestar], reader: BusyReader, published: Published
) -> None:
    published.data = b"x" * (6 * 1024 * 1024)
    await connect(client, published.url)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == "too_large"


async def test_clerks_connect_their_own_and_a_lead_all_of_the_own_tenant(client: AsyncTestClient[Litestar]) -> None:
    url = "webcal://outlook.example/x.ics"
    assert (await connect(client, url, role="clerk", subject=SUBJECTS[0])).status_code == 200
    assert (await connect(client, url, CLERKS[1], role="clerk", subject=SUBJECTS[0])).status_code == 403
    assert (await connect(client, url, role="admin")).status_code == 403
    assert (await connect(client, url, tenant="wegberg")).status_code == 404
    wrong = await connect(client, "ftp://outlook.example/x.ics")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "address")


async def test_without_a_key_none_can_be_connected(booking_client: AsyncTestClient[Litestar], life: Life) -> None:
    answer = await connect(booking_client, "https://outlook.example/x.ics")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
