"""Whole steps of a citizen on the sample town's pages."""

from uuid import UUID

from tests.booking import sample
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool

TOWN = f"/{sample.TENANT}"


async def reserve(walker: Walker, name: str = sample.PERSO, query: str = "") -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(name)}{query}")
    await walker.press("day", 1)
    await walker.press("time")
    assert walker.page.path.endswith("/kontakt")


async def state_of(pool: Pool) -> str:
    return str(await pool.fetchval("SELECT state FROM appointment ORDER BY created_at DESC LIMIT 1"))


async def book(walker: Walker, name: str = sample.MARRIAGE) -> str:
    await reserve(walker, name)
    await walker.press("contact-submit", **({} if name == sample.MARRIAGE else {"payment": "counter"}))
    await walker.press("check-submit")
    return walker.page.path


async def go_to_checkout(walker: Walker, payment_stand_in: PaymentStandIn) -> tuple[str, UUID]:
    """The path of the return page, and the payment."""
    await reserve(walker)
    await walker.press("contact-submit")
    await walker.press("check-submit")
    return payment_stand_in.created[-1].return_url.removeprefix("http://testserver.local"), next(
        iter(payment_stand_in.payments)
    )
