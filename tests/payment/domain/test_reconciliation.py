"""The four-way match over a month of 10,000 payments: without faults all matches, with faults just these are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from tests.payment.support.month import BEGIN, NOW, Month

from payment.domain.reconciliation import reconcile
from payment.domain.reconciliation_items import (
    Finding,
    OpenBankEntry,
    OpenEntry,
    OpenMovement,
    OpenPayout,
    Reconciled,
)

Plant = Callable[[Month], tuple[str, str, int]]
"""Spoils the month; returns kind, subject and difference of what is to be found."""


def told(reconciled: Reconciled) -> set[tuple[str, str, int]]:
    return {(finding.kind, finding.subject, finding.difference_cents) for finding in reconciled.findings}


def replace(items: list[Any], item: Any, **changes: Any) -> Any:
    changed = msgspec.structs.replace(item, **changes)
    items[items.index(item)] = changed
    return changed


def entry_of(month: Month, reference: str) -> OpenEntry:
    return next(entry for entry in month.entries if entry.provider_reference == reference)


def movement_of(month: Month, reference: str) -> OpenMovement:
    return next(movement for movement in month.movements if movement.source_id == reference)


def payout_of(month: Month, id_: str) -> tuple[OpenPayout, OpenBankEntry]:
    place = next(place for place, payout in enumerate(month.payouts) if payout.id == id_)
    return month.payouts[place], next(entry for entry in month.bank if entry.id == UUID(int=place + 1))


def test_a_month_without_faults_matches_whole() -> None:
    month = Month()
    reconciled = reconcile(month.items(), NOW)
    assert reconciled.findings == []
    assert len(month.entries) > 10_300
    assert {placement.ledger_number for placement in reconciled.placements} == {entry.number for entry in month.entries}
    assert all(placement.is_done for placement in reconciled.placements)
    assert all(arrival.is_summed and arrival.bank_entry_id for arrival in reconciled.arrivals)
    truth = {movement.id: movement.payout_id for movement in month.movements}
    assert {placement.id: placement.payout_id for placement in reconciled.placements} == truth


def forgotten_by_the_provider(month: Month) -> tuple[str, str, int]:
    entry = replace(month.entries, entry_of(month, "cap_4000"), provider_reference="cap_lost")
    movement = movement_of(month, "cap_4000")
    replace(month.movements, movement, kind="other")
    return "missing_at_provider", f"{entry.provider}:capture:cap_lost", -entry.amount_cents


def a_kind_that_no_rule_knows(month: Month) -> tuple[str, str, int]:
    """The one that was made of another kind above."""
    movement = movement_of(month, "cap_4000")
    return "unexplained_movement", f"{movement.provider}:{movement.id}", movement.net_cents


def never_booked(month: Month) -> tuple[str, str, int]:
    entry = entry_of(month, "cap_7000")
    month.entries.remove(entry)
    return "missing_in_ledger", f"{entry.provider}:payment:cap_7000", entry.amount_cents


def booked_with_another_amount(month: Month) -> tuple[str, str, int]:
    entry = entry_of(month, "cap_2000")
    replace(month.entries, entry, amount_cents=entry.amount_cents + 7)
    return "amount_differs", f"{entry.provider}:capture:cap_2000", -7


def in_no_payout(month: Month) -> tuple[str, str, int]:
    movement = next(movement for movement in month.movements if movement.payout_id == "po_stripe_01")
    replace(month.movements, movement, payout_id=None)
    payout, arrival = payout_of(month, "po_stripe_01")
    lower = payout.amount_cents - movement.net_cents
    replace(month.payouts, payout, amount_cents=lower, movements_cents=lower)
    replace(month.bank, arrival, amount_cents=lower)
    return "not_paid_out", f"stripe:{movement.id}", -movement.net_cents


def not_the_sum_of_its_parts(month: Month) -> tuple[str, str, int]:
    payout, _ = payout_of(month, "po_stripe_06")
    replace(month.payouts, payout, movements_cents=payout.movements_cents + 100)
    return "payout_sum_differs", "stripe:po_stripe_06", -100


def withdrawn_by_hand_in_part(month: Month) -> tuple[str, str, int]:
    payout, arrival = payout_of(month, "po_paypal_30")
    replace(month.payouts, payout, amount_cents=payout.amount_cents - 1)
    replace(month.bank, arrival, amount_cents=payout.amount_cents - 1)
    return "payout_sum_differs", "paypal:po_paypal_30", -1


def never_arrived(month: Month) -> tuple[str, str, int]:
    payout, arrival = payout_of(month, "po_stripe_11")
    month.bank.remove(arrival)
    return "payout_not_at_bank", "stripe:po_stripe_11", -payout.amount_cents


def arrived_with_less(month: Month) -> tuple[str, str, int]:
    _, arrival = payout_of(month, "po_stripe_16")
    replace(month.bank, arrival, amount_cents=arrival.amount_cents - 50)
    return "bank_amount_differs", "stripe:po_stripe_16", -50


def from_nowhere(month: Month) -> tuple[str, str, int]:
    id_ = UUID(int=999)
    stray = OpenBankEntry(
        id=id_, provider="paypal", amount_cents=1234, booked_on=BEGIN.date() + timedelta(days=9), text="PAYPAL"
    )
    month.bank.append(stray)
    return "bank_entry_without_payout", str(id_), 1234


FAULTS: list[Plant] = [
    booked_with_another_amount,
    forgotten_by_the_provider,
    a_kind_that_no_rule_knows,
    not_the_sum_of_its_parts,
    withdrawn_by_hand_in_part,
    never_arrived,
    arrived_with_less,
    from_nowhere,
    in_no_payout,
    never_booked,
]


def test_planted_faults_are_exactly_the_exceptions() -> None:
    month = Month()
    planted = {plant(month) for plant in FAULTS}
    reconciled = reconcile(month.items(), NOW)
    assert told(reconciled) == planted
    assert len(reconciled.findings) == len(FAULTS)
    matched = sum(placement.ledger_number is not None for placement in reconciled.placements)
    assert matched / len(month.entries) >= 0.995


def test_what_is_young_waits() -> None:
    month = Month(payments=300)
    bare = month.items(movements=[], payouts=[], bank_entries=[])
    last = max(entry.booked_at for entry in month.entries)
    young = [entry for entry in month.entries if entry.booked_at > last - timedelta(hours=20)]
    assert reconcile(msgspec.structs.replace(bare, entries=young), last).findings == []
    assert len(reconcile(msgspec.structs.replace(bare, entries=young), NOW).findings) == len(young)
    unread = msgspec.structs.replace(bare, entries=young, read_until={"stripe": last, "paypal": last})
    assert reconcile(unread, NOW).findings == []


def test_a_refund_that_failed_and_came_back_needs_no_entry() -> None:
    month = Month(payments=60)
    refund = next(entry for entry in month.entries if entry.kind == "refund")
    month.entries.remove(refund)
    place = next(i for i, item in enumerate(month.movements) if item.source_id == refund.provider_reference)
    gone = month.movements[place]
    back = msgspec.structs.replace(gone, id=f"{gone.id}_back", amount_cents=-gone.amount_cents)
    items = month.items(movements=[gone, back], payouts=[], bank_entries=[], entries=[])
    assert {finding.kind for finding in reconcile(items, NOW).findings} <= {"not_paid_out"}


def test_a_refund_that_failed_after_it_was_booked_is_followed_both_ways() -> None:
    month = Month(payments=60)
    gone = next(entry for entry in month.entries if entry.kind == "refund")
    back = msgspec.structs.replace(gone, number=900, kind="refund_reversal", amount_cents=-gone.amount_cents)
    out = movement_of(month, gone.provider_reference)
    came = msgspec.structs.replace(out, id=f"{out.id}_back", amount_cents=-out.amount_cents)
    items = month.items(movements=[out, came], payouts=[], bank_entries=[], entries=[gone, back])
    reconciled = reconcile(items, NOW)
    assert [placement.ledger_number for placement in reconciled.placements] == [gone.number, 900]
    assert {finding.kind for finding in reconciled.findings} <= {"not_paid_out"}
    unbooked = reconcile(msgspec.structs.replace(items, entries=[gone]), NOW)
    assert ("missing_in_ledger", f"{out.provider}:refund:{out.source_id}", -out.amount_cents) in told(unbooked)


def test_accepted_faults_let_the_rest_go_on() -> None:
    """After a withdrawal that does not sum up PayPal's later ones wait, until a person has accepted it."""
    month = Month(payments=2_000)
    payout, arrival = payout_of(month, "po_paypal_11")
    replace(month.payouts, payout, amount_cents=payout.amount_cents + 3)
    replace(month.bank, arrival, amount_cents=payout.amount_cents + 3)
    first = reconcile(month.items(), NOW)
    [sum_differs] = [finding for finding in first.findings if finding.kind == "payout_sum_differs"]
    assert sum_differs.difference_cents == 3
    assert sum(not arrival.is_summed for arrival in first.arrivals) == 20
    accepted = frozenset({(sum_differs.kind, sum_differs.subject, 3)})
    second = reconcile(month.items(accepted=accepted), NOW)
    assert second.findings == [sum_differs]
    assert all(arrival.is_summed for arrival in second.arrivals)


def test_a_bank_entry_that_names_two_payouts_is_one_of_them() -> None:
    """The one of its amount, although the other is older."""
    month = Month(payments=300)
    _, arrival = payout_of(month, "po_stripe_07")
    traces = " ".join(payout_of(month, id_)[0].trace for id_ in ("po_stripe_06", "po_stripe_07"))
    replace(month.bank, arrival, text=f"Auszahlung {traces}")
    month.bank.remove(payout_of(month, "po_stripe_06")[1])
    reconciled = reconcile(month.items(), NOW)
    arrived = {item.id: item.bank_entry_id for item in reconciled.arrivals}
    assert (arrived["po_stripe_06"], arrived["po_stripe_07"]) == (None, arrival.id)
    assert {finding.kind for finding in reconciled.findings} == {"payout_not_at_bank"}


def test_disputes_that_name_no_payment_are_accepted_one_by_one() -> None:
    """PayPal's reversals may come without a reference."""
    one = OpenMovement(
        provider="paypal",
        id="REV1",
        kind="dispute",
        amount_cents=-1500,
        fee_cents=0,
        source_id="",
        reference="",
        occurred_at=BEGIN,
        payout_id="po_paypal_01",
    )
    other = msgspec.structs.replace(one, id="REV2")
    items = Month(payments=60).items(entries=[], movements=[one, other], payouts=[], bank_entries=[])
    first, second = reconcile(items, NOW).findings
    assert (first.subject, second.subject) == ("paypal:REV1", "paypal:REV2")
    accepted = msgspec.structs.replace(items, accepted=frozenset({(first.kind, first.subject, -1500)}))
    assert [placement.is_done for placement in reconcile(accepted, NOW).placements] == [True, False]


def test_the_same_is_decided_twice() -> None:
    month = Month(payments=500)
    never_arrived(month)
    items = month.items()

    def key(finding: Finding) -> tuple[str, str]:
        return finding.kind, finding.subject

    one, other = reconcile(items, NOW), reconcile(items, NOW)
    assert sorted(one.findings, key=key) == sorted(other.findings, key=key)
    assert one.arrivals == other.arrivals
