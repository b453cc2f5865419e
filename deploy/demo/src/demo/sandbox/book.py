"""The sandbox's book: one SQLite file. What is committed survives SIGKILL; nothing else is ever answered.

One process and one thread use it, and no transaction waits for anything, therefore calls never meet halfway.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from demo.sandbox.accounts import Provider
from demo.sandbox.faults import Faults
from demo.sandbox.sale import Refund, Sale
from demo.sandbox.settlement import Payout

SCHEMA = """
CREATE TABLE IF NOT EXISTS sales (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, tenant TEXT NOT NULL,
  reference TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY, sale TEXT NOT NULL REFERENCES sales (id));
CREATE TABLE IF NOT EXISTS replies (
  provider TEXT NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (provider, tenant, key)
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, tenant TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS events (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, tenant TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
  number INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events (id), due_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at);
CREATE TABLE IF NOT EXISTS payouts (
  number INTEGER PRIMARY KEY, provider TEXT NOT NULL, tenant TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS account_faults (tenant TEXT PRIMARY KEY, body BLOB NOT NULL);
DROP TABLE IF EXISTS faults;
"""
EVERYBODY = ""
TABLES = ("deliveries", "events", "tokens", "replies", "names", "sales", "payouts", "account_faults")


class StoredReply(msgspec.Struct, frozen=True):
    fingerprint: str
    status: int
    body: bytes


class Delivery(msgspec.Struct, frozen=True):
    number: int
    attempts: int
    event_id: str
    provider: Provider
    tenant: str
    body: bytes


class Book:
    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def save_sale(self, sale: Sale) -> None:
        row = (sale.id, sale.provider, sale.tenant, sale.reference, msgspec.json.encode(sale))
        self._db.execute(
            "INSERT INTO sales (id, provider, tenant, reference, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            row,
        )
        ids = [sale.id, sale.intent_id, sale.charge_id, sale.authorization_id, sale.capture_id]
        ids += [sale.dispute.id] if sale.dispute else []
        names = [(name, sale.id) for name in [*ids, *(refund.id for refund in sale.refunds)] if name]
        self._db.executemany("INSERT OR IGNORE INTO names (name, sale) VALUES (?, ?)", names)

    def find_sale(self, provider: Provider, name: str, tenant: str | None = None) -> Sale | None:
        """By any id of anything in it. With a tenant, only that account's."""
        row = self._db.execute(
            "SELECT s.body FROM names n JOIN sales s ON s.id = n.sale"
            " WHERE n.name = ? AND s.provider = ? AND coalesce(?, s.tenant) = s.tenant",
            (name, provider, tenant),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Sale) if row else None

    def list_sales(self, reference: str | None = None) -> list[Sale]:
        rows = self._db.execute(
            "SELECT body FROM sales WHERE coalesce(?, reference) = reference ORDER BY number", (reference,)
        )
        return [msgspec.json.decode(body, type=Sale) for (body,) in rows]

    def find_reply(self, provider: Provider, tenant: str, key: str) -> StoredReply | None:
        row = self._db.execute(
            "SELECT fingerprint, status, body FROM replies WHERE provider = ? AND tenant = ? AND key = ?",
            (provider, tenant, key),
        ).fetchone()
        return StoredReply(*row) if row else None

    def save_reply(self, provider: Provider, tenant: str, key: str, reply: StoredReply) -> None:
        self._db.execute(
            "INSERT INTO replies (provider, tenant, key, fingerprint, status, body) VALUES (?, ?, ?, ?, ?, ?)",
            (provider, tenant, key, reply.fingerprint, reply.status, reply.body),
        )

    def save_token(self, token: str, tenant: str, expires_at: datetime) -> None:
        self._db.execute("INSERT INTO tokens VALUES (?, ?, ?)", (token, tenant, expires_at.timestamp()))

    def find_token(self, token: str, now: datetime) -> str | None:
        row = self._db.execute(
            "SELECT tenant FROM tokens WHERE token = ? AND expires_at > ?", (token, now.timestamp())
        ).fetchone()
        return row[0] if row else None

    def add_event(self, id_: str, provider: Provider, tenant: str, body: bytes, due: list[datetime]) -> None:
        """`due`: when to send it, once each."""
        self._db.execute(
            "INSERT INTO events (id, provider, tenant, body) VALUES (?, ?, ?, ?)", (id_, provider, tenant, body)
        )
        rows = [(id_, at.timestamp()) for at in due]
        self._db.executemany("INSERT INTO deliveries (event, due_at) VALUES (?, ?)", rows)

    def list_events(self, provider: Provider, tenant: str, limit: int = 100) -> list[Any]:
        rows = self._db.execute(
            "SELECT body FROM events WHERE provider = ? AND tenant = ? ORDER BY number DESC LIMIT ?",
            (provider, tenant, limit),
        )
        return [msgspec.json.decode(body) for (body,) in rows]

    def find_event(self, provider: Provider, tenant: str, id_: str) -> Any:
        row = self._db.execute(
            "SELECT body FROM events WHERE provider = ? AND tenant = ? AND id = ?", (provider, tenant, id_)
        ).fetchone()
        return msgspec.json.decode(row[0]) if row else None

    def list_due(self, now: datetime, limit: int = 20) -> list[Delivery]:
        rows = self._db.execute(
            "SELECT d.number, d.attempts, e.id, e.provider, e.tenant, e.body FROM deliveries d"
            " JOIN events e ON e.id = d.event WHERE d.due_at <= ? ORDER BY d.due_at, d.number LIMIT ?",
            (now.timestamp(), limit),
        )
        return [Delivery(*row) for row in rows]

    def end_delivery(self, number: int) -> None:
        self._db.execute("DELETE FROM deliveries WHERE number = ?", (number,))

    def postpone_delivery(self, number: int, due_at: datetime) -> None:
        self._db.execute(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE number = ?", (due_at.timestamp(), number)
        )

    def save_payout(self, payout: Payout) -> None:
        row = (payout.provider, payout.tenant, msgspec.json.encode(payout))
        self._db.execute("INSERT INTO payouts (provider, tenant, body) VALUES (?, ?, ?)", row)

    def list_payouts(self, provider: Provider, tenant: str) -> list[Payout]:
        """Oldest first."""
        rows = self._db.execute(
            "SELECT body FROM payouts WHERE provider = ? AND tenant = ? ORDER BY number", (provider, tenant)
        )
        return [msgspec.json.decode(body, type=Payout) for (body,) in rows]

    def count_waiting(self, tenant: str) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM deliveries d JOIN events e ON e.id = d.event WHERE e.tenant = ?", (tenant,)
        ).fetchone()
        return int(row[0])

    def read_faults(self, tenant: str) -> tuple[str, Faults]:
        """Those of the account, or everybody's, with whose they are."""
        row = self._db.execute(
            "SELECT tenant, body FROM account_faults WHERE tenant IN (?, ?) ORDER BY tenant = ? LIMIT 1",
            (tenant, EVERYBODY, EVERYBODY),
        ).fetchone()
        return (row[0], msgspec.json.decode(row[1], type=Faults)) if row else (EVERYBODY, Faults())

    def list_faults(self) -> dict[str, Faults]:
        rows = self._db.execute("SELECT tenant, body FROM account_faults ORDER BY tenant")
        return {tenant: msgspec.json.decode(body, type=Faults) for tenant, body in rows}

    def save_faults(self, tenant: str, faults: Faults) -> None:
        self._db.execute(
            "INSERT INTO account_faults (tenant, body) VALUES (?, ?)"
            " ON CONFLICT (tenant) DO UPDATE SET body = excluded.body",
            (tenant, msgspec.json.encode(faults)),
        )

    def order_faults(self, tenant: str, faults: Faults) -> None:
        """What is ordered for everybody is so for everybody: orders for single accounts end."""
        with self.transaction():
            if tenant == EVERYBODY:
                self._db.execute("DELETE FROM account_faults")
            if faults == Faults():
                self._db.execute("DELETE FROM account_faults WHERE tenant = ?", (tenant,))
            else:
                self.save_faults(tenant, faults)

    def reset(self) -> None:
        with self.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own


def find_refund(sale: Sale, id_: str) -> Refund | None:
    return next((refund for refund in sale.refunds if refund.id == id_), None)
