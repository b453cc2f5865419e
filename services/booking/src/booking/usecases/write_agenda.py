"""What notify asks for to write a clerk's feed, or the day's digests."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.agendas import AgendaClerk, AgendaRow, find_agenda_clerk, list_agenda_rows, list_digest_clerks
from booking.store.video_rooms import VideoRoom, find_video_room
from booking.usecases.find_video_url import video_url_of
from contracts.booking import CalendarEntry
from contracts.calendars import Agenda, Agendas, AgendaVisit
from kit.sql import Connection, Pool


async def write_agenda(pool: Pool, clerk_id: UUID, since: datetime, until: datetime) -> Agenda:
    """Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        clerk = await find_agenda_clerk(connection, clerk_id)
        if clerk is None:
            raise NotFound("There is no such clerk.")
        return (await _agendas(connection, clerk.profile.slug, [clerk], since, until))[0]


async def write_digests(pool: Pool, tenant: str, since: datetime, until: datetime) -> Agendas:
    """Of each clerk who wants one mail a day and has visits then."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        clerks = await list_digest_clerks(connection, tenant)
        found = await _agendas(connection, tenant, clerks, since, until)
    return Agendas(tuple(agenda for agenda in found if agenda.visits))


async def _agendas(
    connection: Connection, tenant: str, clerks: Sequence[AgendaClerk], since: datetime, until: datetime
) -> list[Agenda]:
    room = await find_video_room(connection, tenant)
    visits: defaultdict[UUID, list[AgendaRow]] = defaultdict(list)
    for row in await list_agenda_rows(connection, [clerk.id for clerk in clerks], since, until):
        visits[row.clerk_id].append(row)
    return [_agenda(clerk, visits[clerk.id], room) for clerk in clerks]


def _agenda(clerk: AgendaClerk, rows: Sequence[AgendaRow], room: VideoRoom | None) -> Agenda:
    return Agenda(
        clerk_id=clerk.id,
        tenant=clerk.profile.slug,
        display_name=clerk.display_name,
        email=clerk.email,
        channel=clerk.channel,
        visits=tuple(_visit(clerk, row, room) for row in rows),
    )


def _visit(clerk: AgendaClerk, row: AgendaRow, room: VideoRoom | None) -> AgendaVisit:
    domain = clerk.profile.email.rpartition("@")[2]
    return AgendaVisit(
        appointment_id=row.appointment_id,
        number=row.number,
        calendar=CalendarEntry(uid=f"{row.assignment_id}@{domain}", sequence=row.sequence),
        changed_at=row.changed_at,
        start=row.starts_at,
        end=row.ends_at,
        time_zone=row.time_zone,
        channel=row.channel,
        unit=row.unit,
        place=row.place,
        items=row.services,
        video_url=video_url_of(room, row.appointment_id) if room and row.channel == "video" else None,
        citizen=row.citizen if clerk.profile.clerk_calendars_name_citizens else None,
    )
