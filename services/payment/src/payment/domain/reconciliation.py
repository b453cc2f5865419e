"""The four-way match: ledger ↔ provider ↔ payout ↔ bank. Pure: what is open goes in, what was found out comes out.

What is too young to be missing is neither matched nor an exception: it waits. The same items decide the same twice.
"""

from datetime import datetime

from payment.domain.ledger_match import LedgerMatch, match_ledger
from payment.domain.payout_match import PayoutMatch, match_bank, match_payouts
from payment.domain.reconciliation_items import (
    Arrival,
    OpenBankEntry,
    OpenItems,
    OpenMovement,
    OpenPayout,
    Placement,
    Reconciled,
    subject_of,
)


def reconcile(items: OpenItems, now: datetime) -> Reconciled:
    ledger = match_ledger(items, now)
    payouts = match_payouts(items, now)
    bank, bank_findings = match_bank(items, now.date())
    return Reconciled(
        placements=[_place(movement, ledger, payouts, items) for movement in items.movements],
        arrivals=[_arrive(payout, payouts, bank) for payout in items.payouts],
        findings=[*ledger.findings, *payouts.findings, *bank_findings],
    )


def _place(movement: OpenMovement, ledger: LedgerMatch, payouts: PayoutMatch, items: OpenItems) -> Placement:
    subject = subject_of(movement)
    payout_id = movement.payout_id or payouts.payouts.get(subject)
    is_paid_out = (
        payout_id or movement.kind == "payout" or ("not_paid_out", subject, -movement.net_cents) in items.accepted
    )
    return Placement(
        provider=movement.provider,
        id=movement.id,
        ledger_number=movement.ledger_number or ledger.numbers.get(subject),
        payout_id=payout_id,
        is_done=bool(is_paid_out) and subject in ledger.explained,
    )


def _arrive(payout: OpenPayout, payouts: PayoutMatch, bank: dict[str, OpenBankEntry]) -> Arrival:
    subject = subject_of(payout)
    entry = bank.get(subject)
    return Arrival(
        provider=payout.provider,
        id=payout.id,
        is_summed=payout.is_summed or subject in payouts.summed,
        bank_entry_id=payout.bank_entry_id or (entry.id if entry else None),
    )
