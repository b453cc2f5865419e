"""Tasks to find another clerk: one for each refusal of one revision of a clerk's calendar entry."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from booking.domain.reassigning import Refusal, RefusalKind
from contracts.booking import AppointmentState, ReassignTask
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all, fetch_optional

TaskState = Literal["open", "closed", "all"]
Outcome = Literal["reassigned", "kept", "moot"]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The entry that a refusal is about, as it stands."""

    tenant: str
    appointment_id: UUID
    clerk_id: UUID
    subject: str | None
    """Of the clerk's token."""
    sequence: int
    live: bool


async def find_refused(connection: Connection, assignment_id: UUID) -> Refused | None:
    return await fetch_optional(
        connection,
        Refused,
        "SELECT c.tenant, g.appointment_id, g.clerk_id, c.subject, g.sequence, g.live"
        " FROM assignment g JOIN clerk c ON c.id = g.clerk_id WHERE g.id = $1",
        assignment_id,
    )


async def find_deputy(connection: Connection, appointment_id: UUID, clerk_id: UUID, now: datetime) -> UUID | None:
    """By the first rule that leads visits for such services to this clerk; not who is away now."""
    deputy_id: UUID | None = await connection.fetchval(
        "SELECT r.deputy_id FROM responsibility_rule r JOIN appointment a ON a.id = $1 AND a.tenant = r.tenant"
        " JOIN clerk c ON c.id = r.deputy_id AND c.retired_at IS NULL"
        " WHERE r.clerk_id = $2 AND (r.service_ids = '{}' OR r.service_ids && ARRAY("
        "   SELECT i.service_id FROM appointment_item i WHERE i.appointment_id = a.id))"
        " AND NOT EXISTS (SELECT 1 FROM absence b WHERE b.clerk_id = c.id"
        "   AND b.starts_at <= $3 AND b.ends_at > $3 AND b.ended_at IS NULL)"
        " ORDER BY r.priority DESC, r.position LIMIT 1",
        appointment_id,
        clerk_id,
        now,
    )
    return deputy_id


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    appointment_id: UUID
    refusal: Refusal
    answer: RefusalKind
    owner_id: UUID | None
    due_at: datetime


async def insert_task(connection: Connection, new: NewTask, now: datetime) -> bool:
    """False if this revision was declined before, unless its clerk kept the visit then: that no is a new one."""
    touched = await execute(
        connection,
        "INSERT INTO reassign_task"
        " (id, tenant, appointment_id, assignment_id, sequence, answer, owner_id, due_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (assignment_id, sequence) DO UPDATE SET"
        " answer = excluded.answer, owner_id = excluded.owner_id, due_at = excluded.due_at,"
        " created_at = excluded.created_at, closed_at = NULL, closed_by = NULL, outcome = NULL"
        " WHERE reassign_task.outcome = 'kept'",
        uuid7(),
        new.tenant,
        new.appointment_id,
        new.refusal.assignment_id,
        new.refusal.sequence,
        new.answer,
        new.owner_id,
        new.due_at,
        now,
    )
    return touched == 1


async def is_refused(connection: Connection, refusal: Refusal) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM reassign_task WHERE assignment_id = $1 AND sequence = $2"
        " AND outcome IS DISTINCT FROM 'kept')",
        refusal.assignment_id,
        refusal.sequence,
    )
    return found


async def find_open_task(connection: Connection, appointment_id: UUID) -> ReassignTask | None:
    """Of the entry as it stands, and a deputy's."""
    return await fetch_optional(
        connection,
        ReassignTask,
        "SELECT t.id, c.display_name AS clerk, o.display_name AS owner, o.email, t.due_at, t.created_at AS asked_at"
        " FROM reassign_task t JOIN assignment g ON g.id = t.assignment_id AND g.live AND g.sequence = t.sequence"
        " JOIN clerk c ON c.id = g.clerk_id JOIN clerk o ON o.id = t.owner_id AND o.retired_at IS NULL"
        " WHERE t.appointment_id = $1 AND t.closed_at IS NULL",
        appointment_id,
    )


class TaskEntry(msgspec.Struct, frozen=True, kw_only=True):
    """As the staff reads it; no person's data."""

    id: UUID
    appointment_id: UUID
    number: str
    appointment_state: AppointmentState
    start: datetime
    end: datetime
    services: tuple[str, ...]
    unit: str
    clerk_id: UUID
    clerk: str
    """Who said no."""
    answer: RefusalKind
    owner_id: UUID | None
    """The deputy; null: the leads of the unit."""
    owner: str
    """The deputy's name, or the unit's."""
    due_at: datetime
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    """`staff:` and the subject, or `citizen`, whoever saw to it; `clock`: the visit's time came."""
    outcome: Outcome | None


async def list_tasks(
    connection: Connection,
    tenant: str,
    state: TaskState,
    owner_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[TaskEntry]:
    """The most urgent first. `owner_id` None: everybody's."""
    after_due, after_id = after or (None, None)
    return await fetch_all(
        connection,
        TaskEntry,
        """
        SELECT t.id, t.appointment_id, a.number, a.state AS appointment_state, a.starts_at AS start, a.ends_at AS "end",
               ARRAY(SELECT s.name FROM appointment_item i JOIN service s ON s.id = i.service_id
                     WHERE i.appointment_id = a.id ORDER BY i.position) AS services,
               u.name AS unit, g.clerk_id, c.display_name AS clerk, t.answer, t.owner_id,
               coalesce(o.display_name, u.name) AS owner, t.due_at, t.created_at, t.closed_at, t.closed_by, t.outcome
        FROM reassign_task t JOIN appointment a ON a.id = t.appointment_id
        JOIN organisational_unit u ON u.id = a.unit_id
        JOIN assignment g ON g.id = t.assignment_id JOIN clerk c ON c.id = g.clerk_id
        LEFT JOIN clerk o ON o.id = t.owner_id
        WHERE t.tenant = $1 AND ($2 = 'all' OR (t.closed_at IS NULL) = ($2 = 'open'))
          AND ($3::uuid IS NULL OR t.owner_id = $3)
          AND ($4::timestamptz IS NULL OR (t.due_at, t.id) > ($4, $5::uuid))
        ORDER BY t.due_at, t.id LIMIT $6
        """,
        tenant,
        state,
        owner_id,
        after_due,
        after_id,
        limit,
    )


async def close_needless(connection: Connection, tenant: str, now: datetime) -> int:
    """Of visits that somebody else has by now, or that were moved, called off or are over. It was done by whoever
    changed the visit first after the refusal, and then; by the clock where the visit's time has come.
    """
    return await execute(
        connection,
        """
        UPDATE reassign_task SET closed_at = coalesce(found.at, $2), closed_by = coalesce(found.actor, 'clock'),
            outcome = CASE WHEN found.is_passed_on THEN 'reassigned' ELSE 'moot' END
        FROM (SELECT t.id, NOT g.live AND a.state NOT LIKE 'cancelled%' AS is_passed_on, change.actor, change.at
              FROM reassign_task t JOIN assignment g ON g.id = t.assignment_id
              JOIN appointment a ON a.id = t.appointment_id
              LEFT JOIN LATERAL (SELECT e.actor, e.at FROM audit_event e
                  WHERE e.appointment_id = t.appointment_id AND e.at >= t.created_at AND e.action IN ('reassign',
                      'move', 'change_items', 'cancel', 'cancel_by_office', 'offer_rebooking', 'call', 'complete',
                      'miss')
                  ORDER BY e.version LIMIT 1) AS change ON true
              WHERE t.tenant = $1 AND t.closed_at IS NULL
                AND (NOT g.live OR g.sequence <> t.sequence OR a.state NOT IN ('confirmed', 'checked_in')
                     OR (a.state = 'confirmed' AND a.starts_at <= $2))
              FOR UPDATE OF t SKIP LOCKED) AS found
        WHERE reassign_task.id = found.id
        """,
        tenant,
        now,
    )


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    is_new: bool
    """It was open until now."""


async def close_task(connection: Connection, tenant: str, task_id: UUID, by: str, now: datetime) -> Closed | None:
    """None where there is no such task; one that is closed stays as it is."""
    return await fetch_optional(
        connection,
        Closed,
        "UPDATE reassign_task t SET closed_at = coalesce(t.closed_at, $4), closed_by = coalesce(t.closed_by, $3),"
        " outcome = coalesce(t.outcome, 'kept') FROM reassign_task before"
        " WHERE t.tenant = $1 AND t.id = $2 AND before.id = t.id"
        " RETURNING t.appointment_id, before.closed_at IS NULL AS is_new",
        tenant,
        task_id,
        by,
        now,
    )
