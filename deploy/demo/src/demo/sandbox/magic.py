"""Amounts and card numbers that make things go wrong on purpose; the README lists them for people."""

DECLINED_ONCE = 81
CAPTURE_PENDING = 82
CAPTURE_REFUSED = 84
REFUND_FAILED = 85
REFUND_PENDING = 86

PENDING_S = 5
"""How long what is pending stays so."""

CARDS = {
    "4242424242424242": None,
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000000069": "expired_card",
}
"""What each card number is declined with; any other number is declined as `incorrect_number`."""


def cents_of(amount_cents: int) -> int:
    return amount_cents % 100
