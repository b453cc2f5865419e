"""The earliest time of a visit anywhere: at every place of every tenant that offers all of it."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import islice, product
from typing import NamedTuple

import msgspec

from booking.domain.catalogue import Channel
from booking.domain.errors import Invalid
from booking.domain.folding import fold
from booking.domain.responsible_lanes import responsible_plans
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.store.catalogue_cache import CatalogueCache
from booking.store.offerers import Offerer, list_offerers
from booking.usecases.find_earliest import Asked, EarliestTime, find_earliest
from kit.sql import Connection, Pool

TENANTS_MAX = 60
"""A county has that many; a country is asked for by one county after the other."""
OFFERERS_MAX = 5 * TENANTS_MAX
"""Several services of a tenant may share a key."""
COMBINATIONS_MAX = 5
"""Of what a tenant offers for several services."""
_LEIKA = re.compile(r"99[0-9]{12}")


class WantedService(msgspec.Struct, frozen=True, kw_only=True):
    """By LeiKa key, by name, or by both: then a tenant's service of the very name goes before others of the key."""

    leika: str | None = None
    name: str = ""
    quantity: int = 1


class Anywhere(msgspec.Struct, frozen=True, kw_only=True):
    services: Sequence[WantedService]
    """All of them in one visit."""
    channel: Channel = "on_site"
    ars: str = ""
    """The beginning of the tenants' keys: five digits name a county."""


class FoundAnywhere(NamedTuple):
    tenant_name: str
    earliest: EarliestTime


def wanted(text: str, quantity: int) -> WantedService:
    """By its LeiKa key or by its name."""
    if _LEIKA.fullmatch(text):
        return WantedService(leika=text, quantity=quantity)
    return WantedService(name=text, quantity=quantity)


async def find_anywhere(pool: Pool, catalogues: CatalogueCache, wish: Anywhere, now: datetime) -> list[FoundAnywhere]:
    """The soonest first, one for each place. Where somebody in particular is responsible and more must be known of the
    citizen for that, the place is missing. Raises Invalid.
    """
    async with pool.acquire() as connection:
        offered = [await _offerers(connection, service, wish.ars) for service in wish.services]
    tenants = [tenant for tenant in offered[0] if all(tenant in others for others in offered[1:])]
    if len(tenants) > TENANTS_MAX:
        raise _too_many()
    visits = [
        combination
        for tenant in tenants
        for combination in islice(product(*(each[tenant] for each in offered)), COMBINATIONS_MAX)
    ]
    asked = await asyncio.gather(*(_ask(catalogues, wish, visit) for visit in visits))
    names = {tenant: offered[0][tenant][0].tenant_name for tenant in tenants}
    found = await find_earliest(pool, [one for each in asked for one in each], now)
    return [FoundAnywhere(names[each.asked.tenant], each) for each in found]


async def _offerers(connection: Connection, service: WantedService, ars: str) -> dict[str, list[Offerer]]:
    """By tenant."""
    sort_key = fold(service.name)
    offerers = await list_offerers(connection, service.leika, sort_key, ars, OFFERERS_MAX + 1)
    if len(offerers) > OFFERERS_MAX:
        raise _too_many()
    namesakes = {offerer.tenant for offerer in offerers if offerer.sort_key == sort_key}
    by_tenant: defaultdict[str, list[Offerer]] = defaultdict(list)
    for offerer in offerers:
        if offerer.sort_key == sort_key or offerer.tenant not in namesakes:
            by_tenant[offerer.tenant].append(offerer)
    return by_tenant


def _too_many() -> Invalid:
    return Invalid.field("ars", "too many offer this; name a county by the first five digits of its key")


async def _ask(catalogues: CatalogueCache, wish: Anywhere, offerers: Sequence[Offerer]) -> Sequence[Asked]:
    """The visit as one tenant offers it."""
    tenant = offerers[0].tenant
    catalogue = await catalogues.get_public(tenant)
    items = [
        RequestedItem(offerer.service_id, service.quantity)
        for offerer, service in zip(offerers, wish.services, strict=True)
    ]
    try:
        plans = responsible_plans(catalogue, plan_visit(catalogue, items, channel=wish.channel), None)
    except Invalid:  # not together, not for so many persons, not by this channel, or not without being asked
        return ()
    return [Asked(tenant, plan) for plan in plans]
