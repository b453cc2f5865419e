"""What must be true once everything has settled: of money, of states, and of what the caller was told."""

from typing import Any

from tests.payment.machine.settling import OVER
from tests.payment.machine.town import Town
from tests.payment.support.house import TENANT

from payment.domain.payment import EVENTS

ATTEMPT_OVER = ("closed", "failed", "voided", "paid", "review")


async def faults(town: Town) -> list[str]:
    """In words."""
    found = [f"nobody may be waiting: {row!r}" for row in await _restless(town)]
    rows = await town.pool.fetch(
        "SELECT p.id, p.state, p.treasury_reference, p.amount_cents, p.refunded_cents, p.cancel_requested_at,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger_entry l WHERE l.payment_id = p.id) AS booked,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund r"
        "   WHERE r.payment_id = p.id AND r.state = 'failed') AS failed"
        " FROM payment p WHERE p.tenant = $1",
        TENANT,
    )
    for row in rows:
        found += _money(town, dict(row)) + await _told(town, dict(row))
    return found


async def overdrawn(town: Town) -> list[Any]:
    """At any time: attempts of which more goes back than came in."""
    rows = await town.pool.fetch(
        "SELECT a.id FROM attempt a JOIN refund r ON r.attempt_id = a.id WHERE r.state <> 'failed'"
        " GROUP BY a.id HAVING sum(r.amount_cents) > a.captured_cents"
    )
    return [dict(row) for row in rows]


async def _restless(town: Town) -> list[Any]:
    rows = await town.pool.fetch(
        "SELECT 'payment' AS what, id, state FROM payment WHERE state <> ALL($1)"
        " UNION ALL SELECT 'attempt', id, state FROM attempt WHERE state <> ALL($2) OR due_at IS NOT NULL"
        " UNION ALL SELECT 'refund', id, state FROM refund WHERE state NOT IN ('succeeded', 'failed')"
        " UNION ALL SELECT 'webhook', id, state FROM webhook_delivery WHERE state <> 'delivered'",
        OVER,
        ATTEMPT_OVER,
    )
    return [dict(row) for row in rows]


def _money(town: Town, payment: dict[str, Any]) -> list[str]:
    truths = [
        bank.kept_cents(session)
        for bank in town.banks.values()
        for session in bank.sessions.values()
        if session.reference == payment["treasury_reference"]
    ]
    kept, fee = sum(truths), payment["amount_cents"]
    found = []
    if kept != payment["booked"]:
        found.append(f"the provider keeps {kept}, the ledger says {payment['booked']}: {payment}")
    if payment["state"] == "paid" and kept > fee - payment["refunded_cents"] + payment["failed"]:
        found.append(f"charged twice, or not given back: {truths} of {payment}")
    if payment["state"] == "paid" and kept < fee - payment["refunded_cents"] and not payment["failed"]:
        found.append(f"paid and not kept: {truths} of {payment}")
    is_unwanted = payment["state"] in ("cancelled", "expired", "capture_failed") or payment["cancel_requested_at"]
    if is_unwanted and payment["state"] != "review" and kept > payment["failed"]:
        found.append(f"charged for nothing: {truths} of {payment}")
    return found


async def _told(town: Town, payment: dict[str, Any]) -> list[str]:
    """Each move that the outside is told of: once by event, at least once by webhook, and the last one as it is."""
    history = await town.pool.fetch(
        "SELECT version, trigger, state FROM payment_event WHERE payment_id = $1 ORDER BY version", payment["id"]
    )
    due = [(row["version"], EVENTS[key], row["state"]) for row in history if (key := _key(row)) in EVENTS]
    outbox = await town.pool.fetch(
        "SELECT subject, payload FROM outbox WHERE payload ->> 'payment_id' = $1 ORDER BY position", str(payment["id"])
    )
    events = [(row["payload"]["version"], row["subject"], row["payload"]["state"]) for row in outbox]
    heard = sorted({(it.version, it.type, it.state) for it in town.told if it.payment_id == payment["id"]})
    found = [] if events == due else [f"told {events}, was {due}"]
    found += [] if heard == due else [f"heard {heard}, was {due}"]
    if not events or events[-1][2] != payment["state"]:
        found.append(f"{payment['state']} in the end, told last: {events[-1:]}")
    if events and outbox[-1]["payload"]["refunded"]["amount_cents"] != payment["refunded_cents"]:
        found.append(f"told of another refund: {outbox[-1]['payload']}")
    return found


def _key(row: Any) -> Any:
    return (row["trigger"], row["state"])
