"""`/internal/v1/…`: clerks' visits, for notify."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from booking.usecases.write_agenda import write_agenda, write_digests
from booking.web.access import require_service
from booking.web.wiring import wired
from contracts.calendars import Agenda, Agendas
from kit.requests import AnyRequest

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


@get("/internal/v1/clerks/{clerk_id:uuid}/agenda", include_in_schema=False)
async def agenda(
    request: AnyRequest, clerk_id: FromPath[UUID], since: FromQuery[Instant], until: FromQuery[Instant]
) -> Agenda:
    require_service(request)
    return await write_agenda(wired(request).pool, clerk_id, since, until)


@get("/internal/v1/tenants/{tenant:str}/digests", include_in_schema=False)
async def digests(
    request: AnyRequest, tenant: FromPath[str], since: FromQuery[Instant], until: FromQuery[Instant]
) -> Agendas:
    require_service(request)
    return await write_digests(wired(request).pool, tenant, since, until)


routes = (agenda, digests)
