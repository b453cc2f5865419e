"""Orders of the online service, kept in one SQLite file, so that they outlive the process."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from contracts.payment import PaymentView

SCHEMA = """
CREATE TABLE IF NOT EXISTS map_order (
    id              TEXT PRIMARY KEY,           -- also the Idempotency-Key of its payment
    parcel          TEXT NOT NULL,              -- JSON
    language        TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    payment_id      TEXT UNIQUE,
    payment_version INTEGER NOT NULL DEFAULT 0,
    payment_state   TEXT,
    next_url        TEXT,
    reference       TEXT                        -- Kassenzeichen
);
CREATE TABLE IF NOT EXISTS webhook (url TEXT PRIMARY KEY, endpoint_id TEXT NOT NULL, secret TEXT NOT NULL);
"""


class Parcel(msgspec.Struct, frozen=True):
    """What the land register names a piece of ground by."""

    district: str
    """Gemarkung"""
    field: int
    """Flur"""
    plot: str
    """Flurstück: number, or numerator/denominator"""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    parcel: Parcel
    language: str
    created_at: datetime
    payment_id: UUID | None
    payment_state: str | None
    next_url: str | None
    reference: str | None

    @property
    def is_paid(self) -> bool:
        return self.payment_state == "paid"


class Orders:
    """Each call is one short transaction on a local file, quick enough not to need a thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.executescript(SCHEMA)

    def add(self, order_id: UUID, parcel: Parcel, language: str, now: datetime) -> Order:
        """The same id twice is one order, as it came first."""
        with self._open() as database:
            database.execute(
                "INSERT INTO map_order (id, parcel, language, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (str(order_id), msgspec.json.encode(parcel).decode(), language, now.isoformat()),
            )
        order = self.find(order_id)
        assert order is not None
        return order

    def find(self, order_id: UUID) -> Order | None:
        return self._find("SELECT * FROM map_order WHERE id = ?", str(order_id))

    def find_by_payment(self, payment_id: UUID) -> Order | None:
        return self._find("SELECT * FROM map_order WHERE payment_id = ?", str(payment_id))

    def apply(self, order_id: UUID, payment: PaymentView) -> None:
        """Newer versions only: webhooks come again and in any order."""
        with self._open() as database:
            database.execute(
                "UPDATE map_order SET payment_id = ?, payment_version = ?, payment_state = ?, next_url = ?,"
                " reference = ? WHERE id = ? AND payment_version < ? AND coalesce(payment_id, ?) = ?",
                (
                    str(payment.id),
                    payment.version,
                    payment.state,
                    payment.next_url,
                    payment.treasury_reference,
                    str(order_id),
                    payment.version,
                    str(payment.id),
                    str(payment.id),
                ),
            )

    def webhook_secret(self, url: str) -> str | None:
        with self._open() as database:
            row = database.execute("SELECT secret FROM webhook WHERE url = ?", (url,)).fetchone()
        return row["secret"] if row else None

    def keep_webhook(self, url: str, endpoint_id: str, secret: str) -> None:
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO webhook (url, endpoint_id, secret) VALUES (?, ?, ?)", (url, endpoint_id, secret)
            )

    def _find(self, sql: str, value: str) -> Order | None:
        with self._open() as database:
            row = database.execute(sql, (value,)).fetchone()
        if row is None:
            return None
        return msgspec.convert({**row, "parcel": msgspec.json.decode(row["parcel"])}, Order)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=5)
        database.row_factory = sqlite3.Row
        try:
            with database:
                yield database
        finally:
            database.close()
