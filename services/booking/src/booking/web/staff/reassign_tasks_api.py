"""`/v1/staff/reassign-tasks`: visits to which their clerk said no. They go to a colleague by `…/reassignment`, which
ends the task; or stay.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, QueryParameter

from booking.store.reassign_tasks import TaskEntry, TaskState
from booking.usecases.keep_clerk import keep_clerk
from booking.usecases.list_reassign_tasks import list_reassign_tasks
from booking.usecases.list_visits import clerk_of
from booking.web.local_instants import all_at_place
from booking.web.staff.access import VISITS, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest


class TaskList(msgspec.Struct, frozen=True):
    items: list[TaskEntry]
    next_cursor: str | None


@get("/v1/staff/reassign-tasks")
async def read(
    request: AnyRequest,
    *,
    wanted: Annotated[TaskState, QueryParameter(name="state")] = "open",
    owner: Annotated[str | None, QueryParameter(max_length=40, description='A clerk\'s id, or "me".')] = None,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> TaskList:
    """The most urgent first. Those without an `owner_id` are the leads'."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    owner_id = await clerk_of(wiring.pool, claims.tenant, owner, claims.subject)
    page = await list_reassign_tasks(wiring.pool, claims.tenant, wanted, owner_id, wiring.clock(), cursor)
    catalogue = await wiring.catalogues.get(claims.tenant)
    return TaskList(all_at_place(page.entries, catalogue.time_zone), page.next_cursor)


@post("/v1/staff/reassign-tasks/{task_id:uuid}/closure", status_code=204)
async def close(request: AnyRequest, task_id: FromPath[UUID]) -> None:
    """The visit stays with its clerk after all. Needs no key: a second time changes nothing."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    await keep_clerk(wiring.pool, wiring.clock, claims.tenant, task_id, f"staff:{claims.subject}")


routes = (read, close)
