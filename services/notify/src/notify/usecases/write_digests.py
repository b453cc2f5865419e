"""Write the day's digests: for each tenant once, in one transaction with the mark that they are written. They may name
citizens, so nobody is forgotten meanwhile; whoever is afterwards takes the unsent ones away that name them, and these
alone are written anew.
"""

from datetime import date, datetime

from contracts.tenant import TenantProfile
from notify.domain.digest import digest_of, due_days, rest_of, without_names
from notify.store import deliveries, digests, erasure
from notify.store.feeds import list_invited
from notify.store.tenants import list_tenants
from notify.usecases.prepare_notice import Preparation
from notify.usecases.write_mail import office_of, write_mail


async def write_digests(preparation: Preparation) -> int:
    """How many mails were written. Raises LetterUnavailable: the day stays unwritten, and comes again."""
    now = preparation.clock()
    async with preparation.pool.acquire() as connection:
        tenants = await list_tenants(connection)
    written = 0
    for tenant in tenants:
        for day in due_days(tenant, now):
            written += await _write_day(preparation, tenant, day, now)
    return written


async def _write_day(preparation: Preparation, tenant: TenantProfile, day: date, now: datetime) -> int:
    async with preparation.pool.acquire() as connection:
        if not await digests.is_unwritten(connection, tenant.slug, day):
            return 0
    agendas = await preparation.booking.fetch_digests(tenant.slug, *rest_of(day, tenant, now))
    visits = [visit for agenda in agendas.items for visit in agenda.visits]
    async with preparation.pool.acquire() as connection, connection.transaction():
        await erasure.lock_erasures(connection, tenant.slug)
        is_first = await digests.insert_digest_day(connection, tenant.slug, day, now)
        again = await digests.take_again(connection, tenant.slug, day)
        invited = await list_invited(connection, [visit.calendar.uid for visit in visits])
        erased = await erasure.list_erased(connection, [visit.appointment_id for visit in visits if visit.citizen])
        told = [without_names(agenda, erased) for agenda in agendas.items if is_first or agenda.clerk_id in again]
        found = [digest_of(agenda, tenant, day, invited) for agenda in told]
        occasions = [occasion for occasion in found if occasion]
        office = await office_of(connection, preparation.office, tenant.slug)
        for occasion in occasions:
            await deliveries.insert_delivery(connection, write_mail(office, occasion, now, now), now)
    return len(occasions)
