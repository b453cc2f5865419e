"""The fault matrix: what goes wrong, and how it ends. `docs/fault-matrix.md` is drawn from it, and the test plays it.

Each story: a payment with manual capture is created, the citizen pays on the provider's page and closes the browser,
the caller captures. Each is played by card and by PayPal over the real gateways, against the sandbox.
"""

from typing import Any, Literal, NamedTuple

from demo.sandbox import magic

Delivery = Literal["heard", "lost", "twice", "reversed"]


class Fault(NamedTuple):
    """`end` is the payment's state, what the provider captured and has given back in cents, and the dispute's state."""

    name: str
    what: str
    state: str
    captured: int = 1500
    refunded: int = 0
    dispute: str | None = None
    cents: int = 0
    """Magic digits to add to the amount."""
    faults: dict[str, Any] = {}  # noqa: RUF012 - never changed
    """Ordered before the citizen chooses a method, and again before the capture."""
    delivery: Delivery = "heard"
    choices: tuple[tuple[str, str], ...] = (("pay", "4242424242424242"),)
    after: tuple[str, ...] = ()
    """Interventions at the provider once it is authorised (`lapse`) or paid."""
    refund: int = 0
    methods: tuple[str, ...] = ("card", "paypal")


def card_for(outcome: str) -> str:
    return next(card.number for card in magic.CARDS if card.outcome == outcome)


CHALLENGED = ("pay", card_for("challenge"))

MATRIX = (
    Fault("none", "nothing goes wrong", "paid"),
    Fault("lost", "webhooks are lost: the sweeper asks", "paid", delivery="lost"),
    Fault("twice", "each webhook comes twice", "paid", delivery="twice"),
    Fault("reversed", "webhooks come in reverse order", "paid", delivery="reversed"),
    Fault(
        "fail_before",
        "opening and capture each fail once with 503 before their effect",
        "paid",
        faults={"fail_before": 1},
    ),
    Fault(
        "fail_after", "opening and capture each fail once with 503 after their effect", "paid", faults={"fail_after": 1}
    ),
    Fault(
        "timeout_before",
        "opening and capture are each left once without answer and effect",
        "paid",
        faults={"timeout_before": 1, "timeout_s": 1},
    ),
    Fault(
        "timeout_after",
        "opening and capture have their effect, and no answer comes",
        "paid",
        faults={"timeout_after": 1, "timeout_s": 1},
    ),
    Fault("fail_reads", "reads fail with 503", "paid", faults={"fail_reads": 2}),
    Fault("slow", "answers are half a second late", "paid", faults={"latency_ms": 500, "slow_calls": 3}),
    Fault(
        "declined",
        "declined once, then paid",
        "paid",
        choices=(("decline", ""), ("pay", "4242424242424242")),
    ),
    Fault(
        "no_funds",
        "the card has no funds: the citizen may try again",
        "pending",
        captured=0,
        choices=(("pay", "4000000000009995"),),
        methods=("card",),
    ),
    Fault("challenge_passed", "3-D Secure, passed", "paid", choices=(CHALLENGED, ("pass", "")), methods=("card",)),
    Fault(
        "challenge_failed",
        "3-D Secure, failed: the citizen may try again",
        "pending",
        captured=0,
        choices=(CHALLENGED, ("fail", "")),
        methods=("card",),
    ),
    Fault(
        "abandoned", "left on the provider's page; the time is up", "expired", captured=0, choices=(("abandon", ""),)
    ),
    Fault("lapsed", "the authorisation lapses before the capture", "expired", captured=0, after=("lapse",)),
    Fault(
        "capture_refused",
        "the capture is refused for good: the fee is due at the counter",
        "capture_failed",
        captured=0,
        cents=magic.CAPTURE_REFUSED,
    ),
    Fault(
        "refund_failed", "a refund fails: the treasury transfers by hand", "paid", cents=magic.REFUND_FAILED, refund=500
    ),
    Fault("refunded", "a refund of a part", "paid", refunded=500, refund=500),
    Fault(
        "refund_fail_after", "a refund whose answer is lost", "paid", refunded=500, refund=500, faults={"fail_after": 1}
    ),
    Fault("disputed", "disputed: no refund while it is open", "paid", dispute="open", after=("dispute",), refund=500),
    Fault(
        "dispute_lost", "disputed and lost: no refund", "paid", dispute="lost", after=("dispute", "lose"), refund=500
    ),
    Fault(
        "dispute_won",
        "disputed and won: refunds go on",
        "paid",
        refunded=500,
        dispute="won",
        after=("dispute", "win"),
        refund=500,
    ),
)


def draw() -> str:
    """The table of `docs/fault-matrix.md`."""
    lines = ["| fault | the payment ends | captured | given back | dispute | by |", "|---|---|---|---|---|---|"]
    for fault in MATRIX:
        amount = fault.captured + (fault.cents if fault.captured else 0)
        by = {"card": "card", "paypal": "PayPal"}
        lines.append(
            f"| {fault.what} | {fault.state} | {amount / 100:.2f} | {fault.refunded / 100:.2f} |"
            f" {fault.dispute or '–'} | {', '.join(by[method] for method in fault.methods)} |"
        )
    return "\n".join(lines)
