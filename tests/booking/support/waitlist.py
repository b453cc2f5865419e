"""Who waits to come earlier, slots that become free, and their offers, on the sample town."""

from tests.booking.sample import MARRIAGE, TENANT
from tests.booking.support.life import Life

from booking.domain.waitlist import Wishes
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.join_waitlist import join_waitlist
from booking.usecases.offer_freed_slots import offer_freed_slots
from booking.usecases.view_appointment import Access, AppointmentView

THURSDAY = "2026-11-26"


async def waiting(
    life: Life, time_: str = "10:00", day: str = THURSDAY, service: str = MARRIAGE, **wishes: object
) -> Access:
    """A visit at the one registrar's, who has no second lane, with an entry on the waitlist."""
    access = await life.booked(time_, day, service)
    await join_waitlist(life.pool, life.clock, access, Wishes(**wishes))  # type: ignore[arg-type] # a test's shorthand
    return access


async def wait_longer(life: Life, access: Access) -> None:
    """By a day."""
    await life.pool.execute(
        "UPDATE waitlist_entry SET created_at = created_at - interval '1 day' WHERE appointment_id = $1",
        access.appointment_id,
    )


async def leave(life: Life, time_: str, service: str = MARRIAGE, day: str = "2026-11-25") -> None:
    """A visit was booked there, and is cancelled."""
    access = await life.booked(time_, day, service)
    await cancel_appointment(life.pool, life.clock, access)


async def offer(life: Life) -> int:
    return await offer_freed_slots(life.pool, life.catalogues, life.clock)


async def accept(life: Life, access: Access) -> AppointmentView:
    return await accept_earlier(life.pool, await life.catalogues.get(TENANT), life.clock, access)


async def offered(life: Life, access: Access) -> str | None:
    """The time of the open offer."""
    earlier = (await life.view(access)).earlier
    return f"{earlier.start:%H:%M}" if earlier else None
