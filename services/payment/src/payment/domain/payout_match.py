"""Second side against third, third against fourth: movements against payouts, payouts against the bank's entries."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec

from payment.domain.reconciliation_items import (
    ExceptionKind,
    Finding,
    OpenBankEntry,
    OpenItems,
    OpenMovement,
    OpenPayout,
    subject_of,
)

PAYOUT_PATIENCE = timedelta(days=14)
BANK_PATIENCE = timedelta(days=5)
EARLY = timedelta(days=1)
LATE = timedelta(days=7)
TRACE_LENGTH_MIN = 8
BEGINNING = datetime.min.replace(tzinfo=UTC)


class PayoutMatch(msgspec.Struct, frozen=True):
    payouts: dict[str, str]
    """Movement (subject) → the payout's id."""
    summed: set[str]
    """Payouts (subjects) whose movements are known."""
    findings: list[Finding]


def match_payouts(items: OpenItems, now: datetime) -> PayoutMatch:
    found = PayoutMatch({}, set(), [])
    for payout in items.payouts:
        if payout.names_movements and not payout.is_summed:
            _sum_up(found, items, payout, payout.movements_cents)
    for provider in sorted({payout.provider for payout in items.payouts if not payout.names_movements}):
        _deal_out(found, items, provider)
    undecided = _undecided_until(found, items)
    for movement in items.movements:
        is_late = _is_to_come(items, movement) and movement.occurred_at + PAYOUT_PATIENCE < now
        is_left = movement.payout_id is None and subject_of(movement) not in found.payouts
        if is_late and is_left and movement.occurred_at > undecided.get(movement.provider, BEGINNING):
            found.findings.append(_not_paid_out(movement))
    return found


def _is_to_come(items: OpenItems, movement: OpenMovement) -> bool:
    return movement.kind != "payout" and movement.ledger_number not in items.went_back


def _undecided_until(found: PayoutMatch, items: OpenItems) -> dict[str, datetime]:
    """By provider, the last payout that nobody could deal out: what is older may well be in it."""
    return {
        payout.provider: payout.made_at
        for payout in sorted(items.payouts, key=lambda payout: payout.made_at)
        if not (payout.names_movements or payout.is_summed or subject_of(payout) in found.summed)
    }


def _sum_up(found: PayoutMatch, items: OpenItems, payout: OpenPayout, movements_cents: int) -> bool:
    """Whether it fits, or was accepted as it is."""
    finding = _of_payout(payout, "payout_sum_differs", payout.amount_cents - movements_cents)
    is_right = finding.difference_cents == 0
    if not is_right:
        found.findings.append(finding)
    if is_right or items.has_accepted(finding):
        found.summed.add(subject_of(payout))
        return True
    return False


def _deal_out(found: PayoutMatch, items: OpenItems, provider: str) -> None:
    """A provider that names no movements pays out in the order in which money came: so many as give the sum.

    After one that does not sum up, the next cannot either: they wait until a person has looked.
    """
    left = sorted(
        (item for item in items.movements if item.provider == provider and _is_to_be_dealt_out(item)),
        key=lambda item: (item.occurred_at, item.id),
    )
    waiting = (
        item for item in items.payouts if item.provider == provider and not (item.names_movements or item.is_summed)
    )
    for payout in sorted(waiting, key=lambda item: (item.made_at, item.id)):
        if items.read_until.get(provider, payout.made_at) < payout.made_at:
            return
        before = [movement for movement in left if movement.occurred_at <= payout.made_at]
        taken = _that_sum_up_to(before, payout.amount_cents)
        if not _sum_up(found, items, payout, sum(movement.net_cents for movement in taken)):
            return
        found.payouts.update((subject_of(movement), payout.id) for movement in taken)
        left = left[len(taken) :]


def _is_to_be_dealt_out(movement: OpenMovement) -> bool:
    return movement.kind != "payout" and movement.payout_id is None


def _that_sum_up_to(movements: list[OpenMovement], amount_cents: int) -> list[OpenMovement]:
    """As many from the beginning as give the amount, the most of several; all of them where none do."""
    total_cents, length = 0, len(movements)
    for place, movement in enumerate(movements, 1):
        total_cents += movement.net_cents
        if total_cents == amount_cents:
            length = place
    return movements[:length]


def match_bank(items: OpenItems, today: date) -> tuple[dict[str, OpenBankEntry], list[Finding]]:
    """Payout (subject) → the bank's entry; first by what the entry says, then by amount and day."""
    payouts = [payout for payout in items.payouts if payout.bank_entry_id is None and payout.status != "failed"]
    links = _by_words(payouts, items.bank_entries)
    links |= _by_amount([payout for payout in payouts if subject_of(payout) not in links], items.bank_entries, links)
    findings = [
        _of_payout(payout, "bank_amount_differs", links[subject_of(payout)].amount_cents - payout.amount_cents)
        for payout in payouts
        if subject_of(payout) in links and links[subject_of(payout)].amount_cents != payout.amount_cents
    ]
    findings += [
        _of_payout(payout, "payout_failed", -payout.amount_cents)
        for payout in items.payouts
        if payout.status == "failed" and payout.amount_cents and not payout.is_repeated
    ]
    findings += [
        _of_payout(payout, "payout_not_at_bank", -payout.amount_cents)
        for payout in payouts
        if subject_of(payout) not in links and payout.amount_cents and payout.arrives_on + BANK_PATIENCE < today
    ]
    linked = {entry.id for entry in links.values()}
    findings += [
        _of_bank_entry(entry)
        for entry in items.bank_entries
        if entry.id not in linked and entry.booked_on + BANK_PATIENCE < today
    ]
    return links, findings


def _by_words(payouts: list[OpenPayout], entries: list[OpenBankEntry]) -> dict[str, OpenBankEntry]:
    """An entry belongs to one payout: of several that it names, to the one of its amount, else to the earliest."""
    words: dict[str, list[OpenBankEntry]] = defaultdict(list)
    for entry in entries:
        for word in set(re.findall(r"[A-Za-z0-9_]+", entry.text)):
            if len(word) >= TRACE_LENGTH_MIN:
                words[word.upper()].append(entry)
    named = [
        (payout, entry)
        for payout in sorted(payouts, key=lambda payout: (payout.arrives_on, payout.id))
        for name in (payout.trace, payout.id)
        for entry in words.get(name.upper(), [])
        if entry.provider == payout.provider
    ]
    links: dict[str, OpenBankEntry] = {}
    used: set[UUID] = set()
    for payout, entry in sorted(named, key=lambda pair: pair[0].amount_cents != pair[1].amount_cents):
        if subject_of(payout) not in links and entry.id not in used:
            links[subject_of(payout)] = entry
            used.add(entry.id)
    return links


def _by_amount(
    payouts: list[OpenPayout], entries: list[OpenBankEntry], taken: dict[str, OpenBankEntry]
) -> dict[str, OpenBankEntry]:
    """Of the same amount any will do; the earliest goes to the earliest."""
    used = {entry.id for entry in taken.values()}
    free: dict[tuple[str, int], list[OpenBankEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.booked_on, entry.id)):
        if entry.id not in used:
            free[entry.provider, entry.amount_cents].append(entry)
    links: dict[str, OpenBankEntry] = {}
    for payout in sorted(payouts, key=lambda payout: (payout.arrives_on, payout.id)):
        candidates = free[payout.provider, payout.amount_cents]
        for entry in candidates:
            if payout.arrives_on - EARLY <= entry.booked_on <= payout.arrives_on + LATE:
                links[subject_of(payout)] = entry
                candidates.remove(entry)
                break
    return links


def _of_payout(payout: OpenPayout, kind: ExceptionKind, difference_cents: int) -> Finding:
    return Finding(
        kind=kind,
        subject=subject_of(payout),
        day=payout.arrives_on,
        difference_cents=difference_cents,
        provider=payout.provider,
    )


def _of_bank_entry(entry: OpenBankEntry) -> Finding:
    return Finding(
        kind="bank_entry_without_payout",
        subject=str(entry.id),
        day=entry.booked_on,
        difference_cents=entry.amount_cents,
        provider=entry.provider,
    )


def _not_paid_out(movement: OpenMovement) -> Finding:
    return Finding(
        kind="not_paid_out",
        subject=subject_of(movement),
        day=movement.occurred_at.date(),
        difference_cents=-movement.net_cents,
        provider=movement.provider,
        treasury_reference=movement.reference,
    )
