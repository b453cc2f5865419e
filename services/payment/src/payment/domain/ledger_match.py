"""First side against second: what is booked against what the provider says it moved."""

from collections import defaultdict
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from payment.domain.ledger import BookedSource
from payment.domain.movement import Movement
from payment.domain.reconciliation_items import (
    Finding,
    OpenEntry,
    OpenItems,
    OpenMovement,
    subject_of,
    subject_of_source,
)

PATIENCE = timedelta(hours=24)
"""PayPal reports up to three hours late, and a capture whose answer was lost is booked by the sweep."""


def is_awaited(movement: Movement, source: BookedSource | None, now: datetime) -> bool:
    """Whoever asks the provider next books its capture or refund: only then it is known whose fee it has."""
    is_unknown = movement.kind in ("payment", "refund") and source is None and movement.payout_id is None
    return is_unknown and now <= movement.occurred_at + PATIENCE


Key = tuple[str, str, str]
"""Provider, kind of entry, and the id by which the provider names the capture or refund."""


class LedgerMatch(msgspec.Struct, frozen=True):
    numbers: dict[str, int]
    """Movement (subject) → the ledger's number."""
    explained: set[str]
    """Movements (subjects) about whose booking nothing is left to find out."""
    findings: list[Finding]


def match_ledger(items: OpenItems, now: datetime) -> LedgerMatch:
    found = LedgerMatch({}, set(), [])
    groups = _by_key(items.movements)
    entries: dict[Key, OpenEntry] = {
        (entry.provider, entry.kind, entry.provider_reference): entry for entry in items.entries
    }
    for key, group in groups.items():
        if key in entries:
            _match_group(found, entries[key], group)
    for group in _without_entry(groups, entries):
        _look_at_group(found, items, group, now)
    for key, entry in entries.items():
        read_until = items.read_until.get(entry.provider)
        if key not in groups and read_until and _is_overdue(entry.booked_at, min(now, read_until)):
            found.findings.append(_of_entry(entry, "missing_at_provider", -entry.amount_cents))
    _look_at_others(found, items)
    return found


def _by_key(movements: list[OpenMovement]) -> dict[Key, list[OpenMovement]]:
    groups: dict[Key, list[OpenMovement]] = defaultdict(list)
    for movement in movements:
        kind = _entry_kind(movement)
        if kind and movement.ledger_number is None:
            groups[movement.provider, kind, movement.source_id].append(movement)
    return groups


def _entry_kind(movement: OpenMovement) -> Literal["capture", "refund", "refund_reversal"] | None:
    """A refund that failed comes back under the same id."""
    if movement.kind == "refund":
        return "refund" if movement.amount_cents < 0 else "refund_reversal"
    return "capture" if movement.kind == "payment" else None


def _match_group(found: LedgerMatch, entry: OpenEntry, group: list[OpenMovement]) -> None:
    subjects = [subject_of(movement) for movement in group]
    found.numbers.update(dict.fromkeys(subjects, entry.number))
    found.explained.update(subjects)
    difference_cents = sum(movement.amount_cents for movement in group) - entry.amount_cents
    if difference_cents:
        found.findings.append(_of_entry(entry, "amount_differs", difference_cents))


def _without_entry(groups: Mapping[Key, list[OpenMovement]], entries: Container[Key]) -> list[list[OpenMovement]]:
    """What went and came back is looked at together: a refund that failed before it succeeded was never booked."""
    left: dict[Key, list[OpenMovement]] = defaultdict(list)
    for key, group in groups.items():
        if key not in entries:
            left[key[0], group[0].kind, key[2]] += group
    return list(left.values())


def _look_at_group(found: LedgerMatch, items: OpenItems, group: list[OpenMovement], now: datetime) -> None:
    moved_cents = sum(movement.amount_cents for movement in group)
    subjects = [subject_of(movement) for movement in group]
    if moved_cents == 0:
        found.explained.update(subjects)
        return
    finding = _of_movement(group[-1], moved_cents)
    if items.has_accepted(finding):
        found.explained.update(subjects)
    if _is_overdue(max(movement.occurred_at for movement in group), now):
        found.findings.append(finding)


def _is_overdue(since: datetime, until: datetime) -> bool:
    """At the provider only that can be missing on which it has reported: `until` is at most how far it was read."""
    return since + PATIENCE < until


def _look_at_others(found: LedgerMatch, items: OpenItems) -> None:
    """Fees, payouts and disputes were booked as they were read, or a dispute at its end.

    A dispute of nothing of ours was not.
    """
    for movement in items.movements:
        subject = subject_of(movement)
        if movement.ledger_number is not None or movement.kind in ("fee", "payout"):
            found.explained.add(subject)
            if movement.booked_cents is not None and movement.booked_cents != movement.amount_cents:
                found.findings.append(_of_dispute(movement, movement.amount_cents - movement.booked_cents))
        elif movement.kind == "dispute":
            finding = _of_movement(movement, movement.amount_cents)
            found.findings.append(finding)
            if items.has_accepted(finding):
                found.explained.add(subject)
        elif movement.kind == "other":
            found.explained.add(subject)
            found.findings.append(
                Finding(
                    kind="unexplained_movement",
                    subject=subject,
                    day=movement.occurred_at.date(),
                    difference_cents=movement.net_cents,
                    provider=movement.provider,
                    treasury_reference=movement.reference,
                )
            )


def _of_entry(
    entry: OpenEntry, kind: Literal["missing_at_provider", "amount_differs"], difference_cents: int
) -> Finding:
    return Finding(
        kind=kind,
        subject=subject_of_source(entry.provider, entry.provider_reference, entry.kind),
        day=entry.booked_at.date(),
        difference_cents=difference_cents,
        provider=entry.provider,
        treasury_reference=entry.treasury_reference,
    )


def _of_dispute(movement: OpenMovement, difference_cents: int) -> Finding:
    return Finding(
        kind="amount_differs",
        subject=subject_of(movement),
        day=movement.occurred_at.date(),
        difference_cents=difference_cents,
        provider=movement.provider,
        treasury_reference=movement.reference,
    )


def _of_movement(movement: OpenMovement, difference_cents: int) -> Finding:
    """A dispute is about itself: a provider may not say which payment it concerns, or have several for one."""
    subject = subject_of_source(movement.provider, movement.source_id, movement.kind)
    return Finding(
        kind="missing_in_ledger",
        subject=subject_of(movement) if movement.kind == "dispute" else subject,
        day=movement.occurred_at.date(),
        difference_cents=difference_cents,
        provider=movement.provider,
        treasury_reference=movement.reference,
    )
