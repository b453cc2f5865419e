import logging
from datetime import datetime

from kit.sql import Connection
from payment.domain.attempt import Attempt
from payment.domain.chargeback import due_entries
from payment.domain.dispute import Dispute
from payment.domain.ledger import LedgerKind, entry_of_dispute
from payment.domain.payment import Payment
from payment.store.chargebacks import find_booked, insert_dispute_entry
from payment.store.ledger import insert_entry

log = logging.getLogger(__name__)


async def book_chargeback(
    connection: Connection, payment: Payment, attempt: Attempt, dispute: Dispute, now: datetime
) -> None:
    """What the dispute's end means for the ledger, under the locks of the account and the payment.

    Another currency's amount is left to the provider's account, which says what became of it in ours.
    """
    if dispute.currency != payment.currency:
        log.warning("dispute in another currency", extra={"payment": str(payment.id), "provider": dispute.provider})
        return
    due = due_entries(dispute, await find_booked(connection, dispute, attempt.capture_id or ""))
    entries: tuple[tuple[LedgerKind, int], ...] = (("chargeback", due.chargeback_cents), ("fee", due.fee_cents))
    for kind, cents in entries:
        if cents:
            number = await insert_entry(connection, entry_of_dispute(payment, dispute, kind, cents, now))
            await insert_dispute_entry(connection, dispute, number, kind, cents)
