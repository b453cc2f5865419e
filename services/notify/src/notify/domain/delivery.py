"""The states of one mail on its way, as data: who moves it, and what comes next.

The README's diagram is drawn from here, and the database's CHECK holds the same words.
"""

from typing import Literal, NamedTuple, get_args

State = Literal[
    "queued",
    "claimed",
    "retry_wait",
    "unknown",
    "accepted",
    "assumed_delivered",
    "bounced",
    "failed",
    "suppressed",
    "expired",
]
STATES: tuple[State, ...] = get_args(State)

OPEN: frozenset[State] = frozenset({"queued", "claimed", "retry_wait", "unknown"})
"""A worker still has something to do. While one is open, no later mail of its calendar entry goes to that recipient."""


class Transition(NamedTuple):
    source: State
    target: State
    by: Literal["sender", "sweep", "answers"]
    """`sender` and `sweep` are loops of the worker; `answers` is who reads the mailbox for returned mails."""
    when: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition("queued", "claimed", "sender", "its turn"),
    Transition("retry_wait", "claimed", "sender", "the next try is due"),
    Transition("unknown", "claimed", "sender", "the same bytes again"),
    Transition("queued", "suppressed", "sender", "no longer true"),
    Transition("retry_wait", "suppressed", "sender", "no longer true"),
    Transition("unknown", "suppressed", "sender", "no longer true"),
    Transition("queued", "expired", "sender", "too late to be of use"),
    Transition("retry_wait", "expired", "sender", "too late to be of use"),
    Transition("unknown", "expired", "sender", "too late to be of use"),
    Transition("claimed", "accepted", "sender", "250 after the dot"),
    Transition("claimed", "retry_wait", "sender", "4xx, or the server is away"),
    Transition("claimed", "queued", "sender", "the server refuses us, not the mail"),
    Transition("claimed", "unknown", "sender", "lost after DATA"),
    Transition("claimed", "failed", "sender", "5xx, or tried for a day"),
    Transition("claimed", "expired", "sender", "no try left before the start"),
    Transition("claimed", "retry_wait", "sweep", "worker died before DATA"),
    Transition("claimed", "unknown", "sweep", "worker died after DATA"),
    Transition("accepted", "assumed_delivered", "sweep", "72 h without a bounce"),
    Transition("accepted", "bounced", "answers", "a DSN says failed"),
    Transition("assumed_delivered", "bounced", "answers", "a late DSN"),
)


def sources_of(target: State) -> list[State]:
    """From which states a delivery may move to `target`: for the compare-and-set."""
    return sorted({step.source for step in TRANSITIONS if step.target == target})


def draw() -> str:
    """A Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued: prepared"]
    lines += [f"    {step.source} --> {step.target}: {step.when} ({step.by})" for step in TRANSITIONS]
    ends = [state for state in STATES if not any(step.source == state for step in TRANSITIONS)]
    return "\n".join(lines + [f"    {state} --> [*]" for state in ends]) + "\n"
