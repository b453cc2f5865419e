"""A payment to decide about."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from contracts.money import Money
from payment.domain.attempt import Attempt, Seen
from payment.domain.payment import Payment, target_of
from payment.domain.settlement import Settlement

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def payment(state: Any = "pending", **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "id": uuid4(),
        "tenant": "heinsberg",
        "state": state,
        "version": 2,
        "reference": "r",
        "treasury_reference": "HS-1",
        "description": "d",
        "amount_cents": 4600,
        "currency": "EUR",
        "capture": "automatic",
        "language": "de",
        "return_url": "https://portal.example/",
        "expires_at": NOW,
        "created_at": NOW,
    }
    return Payment(**(values | changes))


def attempt(state: Any = "open", **changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "id": uuid4(),
        "tenant": "heinsberg",
        "payment_id": uuid4(),
        "state": state,
        "method": "card",
        "provider": "stripe",
        "session_id": "ses",
        "authorization_id": "auth",
        "created_at": NOW,
    }
    return Attempt(**(values | changes))


def seen(status: Any, **changes: Any) -> Seen:
    values: dict[str, Any] = {"status": status, "amount": Money(4600), "reference": "HS-1"}
    return Seen(**(values | changes))


def after(payment_: Payment, settlement: Settlement) -> Payment:
    for trigger in settlement.triggers:
        payment_ = msgspec.structs.replace(payment_, state=target_of(payment_.state, trigger))
    if settlement.is_settling:
        payment_ = msgspec.structs.replace(payment_, settled_attempt_id=settlement.attempt.id)
    return payment_
