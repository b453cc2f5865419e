import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from payment.domain.ledger_chain import Break, ChainedEntry, LedgerEnd, canonical_form, compare_end, follow

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(end: LedgerEnd, **changes: Any) -> ChainedEntry:
    bare = ChainedEntry(
        tenant="heinsberg",
        payment_id=UUID(int=1),
        attempt_id=UUID(int=2),
        kind="capture",
        amount_cents=1500,
        currency="EUR",
        treasury_reference="HS-2026-0000001-5",
        provider="stripe",
        provider_reference="pi_1",
        booked_at=NOON,
        number=end.number + 1,
        previous_hash=end.hash,
        hash=b"",
    )
    changed = msgspec.structs.replace(bare, **changes)
    return msgspec.structs.replace(changed, hash=hashlib.sha256(canonical_form(changed)).digest())


def chain(length: int) -> list[ChainedEntry]:
    end, entries = LedgerEnd(), []
    for number in range(length):
        entries.append(entry(end, amount_cents=100 + number))
        end = LedgerEnd(entries[-1].number, entries[-1].hash)
    return entries


def walk(entries: list[ChainedEntry]) -> LedgerEnd | Break:
    end = LedgerEnd()
    for one in entries:
        step = follow(end, one)
        if isinstance(step, Break):
            return step
        end = step
    return end


def test_a_whole_chain_holds_to_its_end() -> None:
    entries = chain(5)
    assert walk(entries) == LedgerEnd(5, entries[-1].hash)


def test_the_canonical_form_is_the_documented_one() -> None:
    form = canonical_form(entry(LedgerEnd(), booked_at=NOON + timedelta(microseconds=7), provider_reference='a"ü\n'))
    assert form.decode() == (
        '["heinsberg", 1, "capture", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002",'
        ' null, 1500, "EUR", "HS-2026-0000001-5", "stripe", "a\\"ü\\n", "2026-11-20T12:00:00.000007Z", "'
        + "0" * 64
        + '"]'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cents": 1},
        {"kind": "chargeback"},
        {"treasury_reference": None},
        {"provider_reference": "pi_2"},
        {"booked_at": NOON + timedelta(microseconds=1)},
        {"payment_id": UUID(int=3)},
        {"previous_hash": bytes(31) + b"\1"},
    ],
)
def test_whatever_is_changed_is_named(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[2] = msgspec.structs.replace(entries[2], **change)
    assert walk(entries) == Break(3, "changed")


def test_a_missing_entry_is_named() -> None:
    entries = chain(5)
    del entries[1]
    assert walk(entries) == Break(2, "missing")


def test_entries_that_changed_places_are_found() -> None:
    entries = chain(5)
    for place, number in ((1, 3), (2, 2)):  # renumbered and hashed again, to look right
        moved = msgspec.structs.replace(entries[place], number=number)
        entries[place] = msgspec.structs.replace(moved, hash=hashlib.sha256(canonical_form(moved)).digest())
    assert walk(sorted(entries, key=lambda one: one.number)) == Break(2, "displaced")


def test_an_entry_put_in_with_a_hash_of_its_own_breaks_the_next() -> None:
    entries = chain(5)
    entries[2] = entry(LedgerEnd(2, entries[1].hash), amount_cents=9)
    assert walk(entries) == Break(4, "displaced")


def test_entries_cut_off_at_the_end_are_missed() -> None:
    entries = chain(5)
    end, shorter = walk(entries), walk(entries[:3])
    assert isinstance(end, LedgerEnd)
    assert isinstance(shorter, LedgerEnd)
    assert compare_end(end, end) is None
    assert compare_end(shorter, end) == Break(4, "cut_off")
    assert compare_end(end, LedgerEnd(5, bytes(32))) == Break(5, "displaced")
