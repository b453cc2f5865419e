"""The fault matrix of delivery: what goes wrong, and how it ends. `docs/delivery-fault-matrix.md` is drawn from it, and
the test plays it.

Each story: a confirmation to a citizen is due, and meets the fault. Time passes by tries, until the mail is settled.
"""

from typing import Literal, NamedTuple

Trouble = Literal["away", "dies_before_data", "dies_after_data", "dies_moved", "cancelled", "starts", "moved"]


class Fault(NamedTuple):
    what: str
    end: str
    copies: int
    """That reached the recipient's server; they are one and the same mail."""
    tries: int | None
    """None: how many depends on the jitter."""
    first: str = ""
    """The state after the first try, where it is not the last, and its cause."""
    pause: str = ""
    """Why the server is left in peace after the first try."""
    at: Literal["", "mail", "rcpt", "data"] = ""
    answers: tuple[str, ...] = ()
    """Of the server, to the first tries."""
    trouble: Trouble | None = None
    address_refused: bool = False


MATRIX = (
    Fault("nothing goes wrong", "accepted", 1, 1),
    Fault(
        "4xx, as greylisting gives it",
        "accepted",
        1,
        2,
        "retry_wait: deferred_450",
        at="rcpt",
        answers=("450 4.2.0 x",),
    ),
    Fault("4xx after the dot", "accepted", 1, 2, "retry_wait: deferred_452", at="data", answers=("452 4.3.1 x",)),
    Fault("4xx for a day", "failed", 0, None, "retry_wait: deferred_450", at="rcpt", answers=("450 4.2.0 x",) * 99),
    Fault(
        "421 or 432: too much at once",
        "accepted",
        1,
        2,
        "retry_wait: deferred_421",
        "slow_down",
        at="rcpt",
        answers=("421 4.7.0 x",),
    ),
    Fault(
        "there is nobody under the address", "failed", 0, 1, at="rcpt", answers=("550 5.1.1 x",), address_refused=True
    ),
    Fault("5xx for the recipient by policy", "failed", 0, 1, at="rcpt", answers=("554 5.7.1 x",)),
    Fault("5xx after the dot: the text is refused", "failed", 0, 1, at="data", answers=("554 5.6.0 x",)),
    Fault(
        "a wrong password",
        "accepted",
        1,
        1,
        "queued: locked_out_535",
        "locked_out",
        at="mail",
        answers=("535 5.7.8 x",),
    ),
    Fault(
        "5xx to our sender",
        "accepted",
        1,
        1,
        "queued: locked_out_550",
        "locked_out",
        at="mail",
        answers=("550 5.7.1 x",),
    ),
    Fault(
        "the server is away for a day and a half",
        "accepted",
        1,
        41,
        "retry_wait: unreachable",
        "unreachable",
        trouble="away",
    ),
    Fault("broken off before DATA", "accepted", 1, 2, "retry_wait: cut_off", at="rcpt", answers=("drop",)),
    Fault("broken off after DATA", "accepted", 1, 2, "unknown: unknown", at="data", answers=("drop_after_data",)),
    Fault("broken off after the dot", "accepted", 2, 2, "unknown: unknown", at="data", answers=("drop_after_dot",)),
    Fault("no answer to the dot", "accepted", 2, 2, "unknown: unknown", at="data", answers=("stall",)),
    Fault("the sender dies before DATA", "accepted", 1, 2, "retry_wait: sender_died", trouble="dies_before_data"),
    Fault("the sender dies after DATA", "accepted", 1, 2, "unknown: sender_died", trouble="dies_after_data"),
    Fault(
        "cancelled while it waits",
        "suppressed",
        0,
        1,
        "retry_wait: deferred_450",
        at="rcpt",
        answers=("450 x",),
        trouble="cancelled",
    ),
    Fault(
        "moved while it waits: the newer mail goes",
        "suppressed",
        0,
        1,
        "retry_wait: deferred_450",
        at="rcpt",
        answers=("450 x",),
        trouble="moved",
    ),
    Fault(
        "moved while it is in the hands of a sender, who dies before DATA: the newer mail goes",
        "suppressed",
        0,
        1,
        "retry_wait: sender_died",
        trouble="dies_moved",
    ),
    Fault(
        "no try is left before the start",
        "expired",
        0,
        6,
        "retry_wait: deferred_450",
        at="rcpt",
        answers=("450 x",) * 99,
        trouble="starts",
    ),
)


def draw() -> str:
    lines = [
        "| fault | after the first try | the server | the mail ends | tries | copies | told |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_row(fault) for fault in MATRIX])


def event_of(fault: Fault) -> str:
    return "" if fault.end == "suppressed" else f"notify.delivery.{fault.end}"


def _row(fault: Fault) -> str:
    told = event_of(fault).removeprefix("notify.delivery.") + (", address refused" if fault.address_refused else "")
    cells = (
        fault.what,
        fault.first,
        fault.pause,
        fault.end,
        "hourly" if fault.tries is None else str(fault.tries),
        str(fault.copies),
        told,
    )
    return "| " + " | ".join(cell or "–" for cell in cells) + " |"
