"""A visit by video has a link from its confirmation on: to the citizen's answer, the mails and the calendar entry."""

import re

import msgspec
import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE
from tests.booking.support.citizen import CONTACT, Citizen

from booking.usecases.configure import configure
from kit.sql import Pool

WITH_PHONE = CONTACT | {"phone": "02452 130"}
LINK = re.compile(r"https://video\.muster\.example/termin/[A-Za-z0-9_-]{20,}")


@pytest.fixture(autouse=True)
async def room(booking_pool: Pool, citizen: Citizen, clock: SetClock) -> None:
    files = sample.files()
    rows = [
        msgspec.structs.replace(row, channels=("on_site", "phone", "video")) if row.name == MARRIAGE else row
        for row in files.services
    ]
    profile = msgspec.structs.replace(files.tenants[0], video_url_template="https://video.muster.example/termin/{room}")
    await configure(booking_pool, files._replace(services=rows, tenants=[profile]), clock)


async def book(citizen: Citizen, start: str, channel: str) -> str | None:
    """The link, which answer, letter and calendar entry agree about."""
    await citizen.hold(start, MARRIAGE, channel=channel)
    assert (await citizen.get()).json()["video_url"] is None
    confirmed = (await citizen.post("confirmation", {"contact": WITH_PHONE, "payment": "counter"})).json()
    assert confirmed["state"] == "confirmed"
    link: str | None = confirmed["video_url"]
    assert (await citizen.get()).json()["video_url"] == link
    assert (await citizen.letter()).video_url == link
    entry = (await citizen.get("/calendar.ics")).text.replace("\r\n ", "")
    assert re.findall(r"^URL.*?:(https.*)\r$", entry, re.MULTILINE) == ([link] if link else [])
    assert re.findall(r"^LOCATION:(https.*)\r$", entry, re.MULTILINE) == ([link] if link else [])
    return link


async def test_each_visit_by_video_has_a_room_of_its_own(citizen: Citizen) -> None:
    links = [await book(citizen, f"2026-11-25T{hour}:00:00+01:00", "video") for hour in ("08", "09")]
    assert len(set(links)) == 2
    for link in links:
        assert link is not None
        assert LINK.fullmatch(link)
        assert citizen.id not in link


@pytest.mark.parametrize("channel", ["on_site", "phone"])
async def test_other_visits_have_none(citizen: Citizen, channel: str) -> None:
    assert await book(citizen, "2026-11-25T08:00:00+01:00", channel) is None


async def test_a_link_ends_with_its_visit(citizen: Citizen) -> None:
    await book(citizen, "2026-11-25T08:00:00+01:00", "video")
    cancelled = await citizen.post("cancellation")
    assert cancelled.json()["video_url"] is None
    assert (await citizen.letter()).video_url is None
