"""The office could not keep the visit: the page of the mail's link offers another time, or the money back."""

from uuid import UUID

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import book, state_of
from tests.booking.pages.walk import Walker

from booking.domain.appointment import By
from booking.usecases.offer_rebooking import offer_rebooking_of
from booking.usecases.view_appointment import Access
from kit.sql import Pool


@pytest.fixture
async def path(walker: Walker, booking_pool: Pool, clock: SetClock) -> str:
    path = await book(walker)
    access = Access(sample.TENANT, UUID(path.rpartition("/")[2]))
    await offer_rebooking_of(booking_pool, clock, access, "Wasserschaden im Rathaus.", By("staff", "lea"))
    return path


async def test_another_time_is_chosen_in_two_steps(walker: Walker, path: str) -> None:
    page = await walker.open(path)
    assert "Wasserschaden im Rathaus." in page.text
    assert "bis Montag, 30. November 2026" in page.text
    await walker.press("rebook")
    await walker.press("day", 2)
    page = await walker.press("time", -1)
    assert "Ihr Termin wurde verschoben" in page.text
    assert page.all("confirmation-number")


async def test_pressed_twice_the_second_says_the_same(walker: Walker, path: str) -> None:
    await walker.open(f"{path}/neue-zeit")
    times = await walker.press("day", 2)
    for _ in range(2):
        walker.page = times
        page = await walker.press("time", -1)
        assert (page.status, "Ihr Termin wurde verschoben" in page.text) == (200, True)


async def test_looking_at_the_refusal_declines_nothing(walker: Walker, path: str) -> None:
    await walker.open(path)
    page = await walker.press("rebook-decline")
    assert "Möchten Sie keinen neuen Termin?" in page.text
    assert (await walker.open(path)).all("rebook")
    await walker.press("rebook-decline")
    page = await walker.press("rebook-decline")
    assert page.path == path
    assert not page.all("rebook")


async def test_nothing_is_offered_when_the_time_is_over(
    walker: Walker, path: str, clock: SetClock, booking_pool: Pool
) -> None:
    chosen = await walker.open(f"{path}/neue-zeit/tag?day=2026-12-04")
    clock.advance(days=7)
    assert not (await walker.open(path)).all("rebook")
    assert (await walker.open(f"{path}/neue-zeit")).path == path
    walker.page = chosen
    assert (await walker.press("time")).status == 409
    assert await state_of(booking_pool) == "cancelled_by_office"


async def test_it_is_said_in_english_too(walker: Walker, path: str) -> None:
    page = await walker.open(f"{path}?lang=en")
    assert "You can choose a new time until Monday, 30 November 2026" in page.text
