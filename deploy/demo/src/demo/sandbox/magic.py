"""Amounts and card numbers that make things go wrong on purpose.

The tables here are all there is: the sandbox acts by them, and its page `/magic` shows them to people. What each means
stands in words under `magic` in `locale/`.
"""

import msgspec

DECLINED_ONCE = 81
CAPTURE_PENDING = 82
AUTHORISATION_LAPSES = 83
CAPTURE_REFUSED = 84
REFUND_FAILED = 85
REFUND_PENDING = 86
REFUND_FAILS_LATER = 87
DISPUTED = 88

AMOUNTS = {
    DECLINED_ONCE: "declined_once",
    CAPTURE_PENDING: "capture_pending",
    AUTHORISATION_LAPSES: "authorisation_lapses",
    CAPTURE_REFUSED: "capture_refused",
    REFUND_FAILED: "refund_failed",
    REFUND_PENDING: "refund_pending",
    REFUND_FAILS_LATER: "refund_fails_later",
    DISPUTED: "disputed",
}
"""The last two digits of an amount in cents, and the name of what they do."""

PENDING_S = 5
"""How long what is pending stays so."""


class TestCard(msgspec.Struct, frozen=True, kw_only=True):
    """`decline`: the provider's code, after the challenge where there is one."""

    number: str
    decline: str | None = None
    challenge: bool = False
    disputed: bool = False

    @property
    def spaced(self) -> str:
        return " ".join(self.number[place : place + 4] for place in range(0, 16, 4))

    @property
    def outcome(self) -> str:
        """The name of what it does."""
        if self.challenge:
            return "challenge_declined" if self.decline else "challenge"
        if self.disputed:
            return "disputed"
        return "declined" if self.decline else "pays"


CARDS = (
    TestCard(number="4242424242424242"),
    TestCard(number="4000000000000002", decline="generic_decline"),
    TestCard(number="4000000000009995", decline="insufficient_funds"),
    TestCard(number="4000000000000069", decline="expired_card"),
    TestCard(number="4000000000000127", decline="incorrect_cvc"),
    TestCard(number="4000000000003220", challenge=True),
    TestCard(number="4000008400001629", challenge=True, decline="generic_decline"),
    TestCard(number="4000000000000259", disputed=True),
)
"""The numbers are those that Stripe documents for the same outcomes."""

UNKNOWN_CARD = "incorrect_number"
"""What any other number is declined with."""
CHALLENGE_FAILED = "payment_intent_authentication_failure"


def find_card(number: str) -> TestCard:
    known = (card for card in CARDS if card.number == number)
    return next(known, TestCard(number=number, decline=UNKNOWN_CARD))


def cents_of(amount_cents: int) -> int:
    return amount_cents % 100
