"""The earliest time of a service anywhere: at every place of every tenant that offers it."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from booking.domain.catalogue import Channel, RequestedItem, plan_visit
from booking.domain.errors import Invalid
from booking.domain.folding import fold
from booking.domain.responsible_lanes import responsible_plans
from booking.store.catalogue_cache import CatalogueCache
from booking.store.offerers import Offerer, list_offerers
from booking.usecases.find_earliest import Asked, EarliestTime, find_earliest
from kit.sql import Pool

OFFERERS_MAX = 60
"""A county has that many; a country is asked for by one county after the other."""
_LEIKA = re.compile(r"99[0-9]{12}")


class Anywhere(msgspec.Struct, frozen=True, kw_only=True):
    leika: str | None = None
    name: str = ""
    quantity: int = 1
    channel: Channel = "on_site"
    ars: str = ""
    """The beginning of the tenants' keys: five digits name a county."""


def wanted(text: str) -> Anywhere:
    """By its LeiKa key or by its name."""
    return Anywhere(leika=text) if _LEIKA.fullmatch(text) else Anywhere(name=text)


async def find_anywhere(
    pool: Pool, catalogues: CatalogueCache, wish: Anywhere, now: datetime
) -> list[tuple[Offerer, EarliestTime]]:
    """The soonest first, one for each place. Where somebody in particular is responsible and more must be known of the
    citizen for that, the place is missing. Raises Invalid.
    """
    async with pool.acquire() as connection:
        offerers = await list_offerers(connection, wish.leika, fold(wish.name), wish.ars, OFFERERS_MAX + 1)
    if len(offerers) > OFFERERS_MAX:
        raise Invalid.field("ars", "too many offer this; name a county by the first five digits of its key")
    asked = await asyncio.gather(*(_ask(catalogues, offerer, wish) for offerer in offerers))
    found = await find_earliest(pool, [one for each in asked for one in each], now)
    by_service = {(offerer.tenant, offerer.service_id): offerer for offerer in offerers}
    return [(by_service[each.asked.tenant, each.asked.plan.items[0].service.id], each) for each in found]


async def _ask(catalogues: CatalogueCache, offerer: Offerer, wish: Anywhere) -> Sequence[Asked]:
    catalogue = await catalogues.get_public(offerer.tenant)
    try:
        plans = plan_visit(catalogue, [RequestedItem(offerer.service_id, wish.quantity)], channel=wish.channel)
        return [Asked(offerer.tenant, plan) for plan in responsible_plans(catalogue, plans, None)]
    except Invalid:  # not for so many persons, not by this channel, or not without being asked
        return ()
