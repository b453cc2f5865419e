"""What must be true once everything has settled: of money, of states, and of what the caller was told."""

from collections import Counter
from typing import Any

from tests.payment.machine.settling import OVER, REFUND_OVER
from tests.payment.machine.town import Town
from tests.payment.support.house import TENANT

from payment.domain.payment import EVENTS

ATTEMPT_OVER = ("closed", "failed", "voided", "paid", "review")
NOTHING_WANTED = ("cancelled", "expired", "capture_failed")


async def faults(town: Town) -> list[str]:
    """In words."""
    found = [*town.faults, *(f"nobody may be waiting: {row!r}" for row in await _restless(town))]
    found += await _undecided(town)
    rows = await town.pool.fetch(
        "SELECT p.id, p.state, p.treasury_reference, p.amount_cents, p.refunded_cents, p.cancel_requested_at,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger_entry l WHERE l.payment_id = p.id"
        "   AND kind IN ('capture', 'refund')) AS booked,"
        " ARRAY(SELECT amount_cents FROM ledger_entry l WHERE l.payment_id = p.id AND kind = 'chargeback') AS lost,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger_entry l WHERE l.payment_id = p.id"
        "   AND kind = 'manual_transfer') AS by_hand,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund r"
        "   WHERE r.payment_id = p.id AND r.state = 'failed') AS failed,"
        " EXISTS (SELECT FROM review_decision d WHERE d.payment_id = p.id"
        "   AND d.decision IN ('accept', 'accept_amount', 'take')) AS accepted"
        " FROM payment p WHERE p.tenant = $1",
        TENANT,
    )
    for row in rows:
        found += await _money(town, dict(row)) + await _told(town, dict(row))
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
        " UNION ALL SELECT 'refund', id, state FROM refund WHERE state <> ALL($3)"
        " UNION ALL SELECT 'look', id, provider_dispute_id FROM dispute_look"
        " UNION ALL SELECT 'webhook', id, state FROM webhook_delivery WHERE state <> 'delivered'",
        OVER,
        ATTEMPT_OVER,
        REFUND_OVER,
    )
    return [dict(row) for row in rows]


async def _undecided(town: Town) -> list[str]:
    """Disputes that we heard of must stand with us as they stand there."""
    rows = await town.pool.fetch("SELECT provider_dispute_id AS id, state, amount_cents FROM dispute")
    views = {id_: view for bank in town.banks.values() for id_, view in bank.disputes.items()}
    stale = [row for row in rows if views[row["id"]].status != row["state"]]
    differing = [row for row in rows if views[row["id"]].amount.amount_cents != row["amount_cents"]]
    return [f"the provider says {views[row['id']]}, we {dict(row)}" for row in stale or differing]


async def _money(town: Town, payment: dict[str, Any]) -> list[str]:
    sessions = [
        (bank, session)
        for bank in town.banks.values()
        for session in bank.sessions.values()
        if session.reference == payment["treasury_reference"]
    ]
    truths = [(bank.kept_cents(session), bank.lost_cents(session)) for bank, session in sessions]
    kept, lost = sum(cents for cents, _ in truths), sum(lost for _, lost in truths)
    by_hand = -payment["by_hand"]
    found = []
    if kept != payment["booked"]:
        found.append(f"the provider keeps {kept}, the ledger says {payment['booked']}: {payment}")
    if Counter(payment["lost"]) - Counter(-gone for _, gone in truths):
        found.append(f"a chargeback that was none, or booked twice: {truths} of {payment}")
    if any(cents < gone for cents, gone in truths) or kept < by_hand:
        found.append(f"the payer got more than was taken: {truths} of {payment}")
    wanted = payment["amount_cents"] - payment["refunded_cents"]
    if payment["state"] == "paid" and kept - by_hand > wanted + payment["failed"]:
        found.append(f"charged twice, or not given back: {truths} of {payment}")
    if payment["state"] == "paid" and kept - by_hand < wanted and not payment["failed"]:
        found.append(f"paid and not kept: {truths} of {payment}")
    is_unwanted = payment["state"] in NOTHING_WANTED or (payment["cancel_requested_at"] and not payment["accepted"])
    if is_unwanted and kept - lost - by_hand > payment["failed"]:
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
