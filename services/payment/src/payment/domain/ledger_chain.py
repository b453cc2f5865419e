"""The ledger's chain: every entry has a running number and the hash of the one before, so that none can be changed,
left out or put elsewhere unseen.

An entry's hash is the SHA-256 of its canonical form: a JSON array, in UTF-8, of tenant, number, kind, payment, attempt,
refund, cents, currency, Kassenzeichen, provider, the provider's reference, the instant (UTC, microseconds, `Z`) and the
hash before it in hexadecimal digits (64 zeros at the beginning). Commas are followed by one space; what is absent is
`null`; only quotes, backslashes and control characters are escaped. The database chains (migration 0010); this is the
same rule once more, so that the one checks the other.
"""

import hashlib
import json
from datetime import UTC
from typing import Literal

import msgspec

from payment.domain.ledger import LedgerEntry

BEGINNING = bytes(32)

Damage = Literal[
    "changed",  # the entry's own hash does not fit what stands in it
    "missing",  # a number is left out: the entry that bears it is gone
    "displaced",  # it does not follow the entry before it: exchanged, or put in
    "cut_off",  # entries at the end are gone
]


class ChainedEntry(LedgerEntry, frozen=True, kw_only=True):
    number: int
    previous_hash: bytes
    hash: bytes


class Break(msgspec.Struct, frozen=True):
    """The first place at which the chain does not hold. What comes after it is not vouched for."""

    number: int
    damage: Damage


class LedgerEnd(msgspec.Struct, frozen=True):
    """Where the database, or a day close, says that the chain stands."""

    number: int = 0
    hash: bytes = BEGINNING


def canonical_form(entry: ChainedEntry) -> bytes:
    fields = [
        entry.tenant,
        entry.number,
        entry.kind,
        *(str(id_) if id_ else None for id_ in (entry.payment_id, entry.attempt_id, entry.refund_id)),
        entry.amount_cents,
        entry.currency,
        entry.treasury_reference,
        entry.provider,
        entry.provider_reference,
        entry.booked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.previous_hash.hex(),
    ]
    return json.dumps(fields, ensure_ascii=False).encode()


def follow(end: LedgerEnd, entry: ChainedEntry) -> LedgerEnd | Break:
    """`entry` is the next by number; `end` is where the chain stood before it."""
    if entry.number != end.number + 1:
        return Break(end.number + 1, "missing")
    if hashlib.sha256(canonical_form(entry)).digest() != entry.hash:
        return Break(entry.number, "changed")
    if entry.previous_hash != end.hash:
        return Break(entry.number, "displaced")
    return LedgerEnd(entry.number, entry.hash)


def compare_end(found: LedgerEnd, known: LedgerEnd) -> Break | None:
    """`known`: what was written down elsewhere when the chain stood there."""
    if found.number < known.number:
        return Break(found.number + 1, "cut_off")
    return None if found == known else Break(known.number, "displaced")
