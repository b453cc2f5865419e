"""What is kept for how long. The accounts are the law's; whatever else lies beside them goes earlier.

KomHVO NRW § 59 (2): books ten years, vouchers six, from the 1 January of the year after the council adopted the annual
accounts. It does so within the year that follows (GO NRW § 96), so a payment's time is counted from the year after.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

Leftover = Literal[
    "answers",  # stored answers to an Idempotency-Key
    "outgoing_webhooks",  # their bodies, and what came of them
    "incoming_webhooks",  # which events a provider told; their bodies are never stored
    "return_urls",  # where the citizen went back to, with its path and what stood in it
    "hosted_pages",  # the provider's page of an attempt that is over
    "request_urls",  # the same address once more, in a request of XBezahldienste
    "cards",  # brand, last four digits, expiry
    "order_texts",  # what an order said in words, when the accounts' time is over
]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant's, from the accounts' file. The defaults are what the README names."""

    answers_days: Annotated[int, msgspec.Meta(ge=1, le=7)] = 7
    """The kit forgets all services' after seven."""
    outgoing_webhooks_days: Annotated[int, msgspec.Meta(ge=4, le=3650)] = 30
    """Tries go on for more than three."""
    incoming_webhooks_days: Annotated[int, msgspec.Meta(ge=4, le=3650)] = 30
    """Providers repeat for some three; one that comes later is only looked at once more."""
    return_urls_days: Days = 30
    cards_days: Days = 180
    """So long may a payer dispute at most providers, and ask for the receipt that names the card."""
    accounting_years: Annotated[int, msgspec.Meta(ge=6, le=100)] = 10


def cutoffs_of(retention: Retention, now: datetime) -> Mapping[Leftover, datetime]:
    """What is older goes."""
    urls = now - timedelta(days=retention.return_urls_days)
    return {
        "answers": now - timedelta(days=retention.answers_days),
        "outgoing_webhooks": now - timedelta(days=retention.outgoing_webhooks_days),
        "incoming_webhooks": now - timedelta(days=retention.incoming_webhooks_days),
        "return_urls": urls,
        "hosted_pages": urls,
        "request_urls": urls,
        "cards": now - timedelta(days=retention.cards_days),
        "order_texts": datetime(now.year - retention.accounting_years - 1, 1, 1, tzinfo=UTC),
    }
