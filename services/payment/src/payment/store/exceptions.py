from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.domain.reconciliation_items import ExceptionKind, Finding

ExceptionState = Literal["open", "accepted", "resolved"]


class TreasuryException(msgspec.Struct, frozen=True, kw_only=True):
    """What does not match. `difference_cents`: how far the later side is above the earlier one."""

    id: UUID
    state: ExceptionState
    kind: ExceptionKind
    subject: str
    day: date
    difference_cents: int
    provider: str
    treasury_reference: str
    found_at: datetime
    accepted_by: str | None
    accepted_at: datetime | None
    reason: str | None


async def record_findings(connection: Connection, tenant: str, findings: list[Finding], now: datetime) -> None:
    """Found again, it is open again, unless it was accepted with this very difference."""
    await connection.executemany(
        "INSERT INTO treasury_exception (id, tenant, kind, subject, day, difference_cents, provider,"
        " treasury_reference, found_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS"
        "  (SELECT FROM treasury_exception e WHERE e.tenant = $2 AND e.kind = $3 AND e.subject = $4"
        "   AND e.difference_cents = $6 AND e.accepted_at IS NOT NULL)"
        " ON CONFLICT (tenant, kind, subject) WHERE accepted_at IS NULL"
        " DO UPDATE SET resolved_at = NULL, difference_cents = excluded.difference_cents",
        [
            (
                uuid7(),
                tenant,
                finding.kind,
                finding.subject,
                finding.day,
                finding.difference_cents,
                finding.provider,
                finding.treasury_reference,
                now,
            )
            for finding in findings
        ],
    )


async def resolve_others(connection: Connection, tenant: str, findings: list[Finding], now: datetime) -> None:
    """What was missing and came, or what summed up later. An amount that differed once does so for ever."""
    await connection.execute(
        "UPDATE treasury_exception e SET resolved_at = $4 WHERE e.tenant = $1 AND e.resolved_at IS NULL"
        " AND e.accepted_at IS NULL AND e.kind NOT IN ('amount_differs', 'bank_amount_differs', 'unexplained_movement')"
        " AND (e.kind, e.subject, e.difference_cents) NOT IN"
        "  (SELECT * FROM unnest($2::text[], $3::text[], $5::bigint[]))",
        tenant,
        [finding.kind for finding in findings],
        [finding.subject for finding in findings],
        now,
        [finding.difference_cents for finding in findings],
    )


async def list_exceptions(
    connection: Connection, tenant: str, state: ExceptionState, after: UUID | None, limit: int
) -> list[TreasuryException]:
    return await fetch_all(
        connection,
        TreasuryException,
        "SELECT id, state, kind, subject, day, difference_cents, provider, treasury_reference, found_at, accepted_by,"
        " accepted_at, reason FROM (SELECT *, CASE WHEN accepted_at IS NOT NULL THEN 'accepted'"
        " WHEN resolved_at IS NOT NULL THEN 'resolved' ELSE 'open' END AS state FROM treasury_exception) e"
        " WHERE tenant = $1 AND state = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4",
        tenant,
        state,
        after,
        limit,
    )


async def find_exception(connection: Connection, tenant: str, id_: UUID) -> TreasuryException | None:
    return await fetch_optional(
        connection,
        TreasuryException,
        "SELECT id, CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN resolved_at IS NOT NULL THEN 'resolved'"
        " ELSE 'open' END AS state, kind, subject, day, difference_cents, provider, treasury_reference, found_at,"
        " accepted_by, accepted_at, reason FROM treasury_exception WHERE tenant = $1 AND id = $2",
        tenant,
        id_,
    )


async def accept_open_exception(
    connection: Connection, tenant: str, id_: UUID, by: str, reason: str, now: datetime
) -> bool:
    return (
        await execute(
            connection,
            "UPDATE treasury_exception SET accepted_at = $5, accepted_by = $3, reason = $4"
            " WHERE tenant = $1 AND id = $2 AND accepted_at IS NULL AND resolved_at IS NULL",
            tenant,
            id_,
            by,
            reason,
            now,
        )
        == 1
    )


async def count_open_exceptions(connection: Connection, tenant: str, until: date | None = None) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM treasury_exception WHERE tenant = $1 AND accepted_at IS NULL AND resolved_at IS NULL"
        " AND ($2::date IS NULL OR day <= $2)",
        tenant,
        until,
    )
    return count
