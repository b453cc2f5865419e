"""Refunds: due by rule, or begun by a person and released by a second one (KomHVO NRW § 31)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from payment.domain.errors import Forbidden, IllegalMove, RefundExceedsCapture

RefundState = Literal["requested", "approved", "submitted", "succeeded", "failed", "transferred"]
RefundReason = Literal["cancelled_by_office", "cancelled_in_time", "duplicate", "late", "reduced", "goodwill", "review"]


class RefundTrigger(StrEnum):
    APPROVE = "approve"
    SUBMIT = "submit"
    SUCCEED = "succeed"
    FAIL = "fail"
    TRANSFER = "transfer"
    LOSE = "lose"
    HOLD = "hold"


class RefundTransition(msgspec.Struct, frozen=True):
    source: RefundState | None
    trigger: RefundTrigger | None
    target: RefundState
    when: str


REFUND_TRANSITIONS: tuple[RefundTransition, ...] = (
    RefundTransition(None, None, "requested", "a person begins it, or a rule without a standing order"),
    RefundTransition(None, None, "approved", "due by rule, and the tenant gave that standing order"),
    RefundTransition("requested", RefundTrigger.APPROVE, "approved", "as many treasurers as it needs released it"),
    RefundTransition("approved", RefundTrigger.SUBMIT, "submitted", "it is about to be sent to the provider"),
    RefundTransition("submitted", RefundTrigger.SUCCEED, "succeeded", "the provider gave the money back"),
    RefundTransition("submitted", RefundTrigger.FAIL, "failed", "the provider refused: the treasury transfers by hand"),
    RefundTransition("succeeded", RefundTrigger.FAIL, "failed", "the provider says, days later, that it came back"),
    RefundTransition("submitted", RefundTrigger.HOLD, "approved", "the provider takes none while it is disputed"),
    RefundTransition("requested", RefundTrigger.LOSE, "failed", "the payer got the money by a lost dispute"),
    RefundTransition("approved", RefundTrigger.LOSE, "failed", "the payer got the money by a lost dispute"),
    RefundTransition("failed", RefundTrigger.TRANSFER, "transferred", "a treasurer says that it was paid by hand"),
)
_TARGETS = {(transition.source, transition.trigger): transition.target for transition in REFUND_TRANSITIONS}


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    payment_id: UUID
    attempt_id: UUID
    state: RefundState
    amount_cents: int
    currency: str
    reason: RefundReason
    requested_by: str
    provider_refund_id: str | None = None
    failure: str | None = None
    transfer_reference: str | None = None
    """Of the transfer that the treasury made by hand."""
    tries: int = 0
    created_at: datetime


def refund_target(state: RefundState, trigger: RefundTrigger) -> RefundState:
    """Raises IllegalMove."""
    target = _TARGETS.get((state, trigger))
    if target is None:
        raise IllegalMove(f"A refund that is {state} cannot {trigger}.")
    return target


def requester(reason: RefundReason, actor: str) -> str:
    """Who answers for it: for a refund due by rule, the rule.

    A member of staff answers in person, whatever the reason: else a reason would stand in for the second person.
    """
    return actor if reason == "goodwill" or actor.startswith("staff:") else f"rule:{reason}"


def first_state(requested_by: str, *, standing_order: bool, is_lost: bool) -> RefundState:
    """`is_lost`: by a dispute. What the payer did not get by it is for the treasury to transfer."""
    if is_lost:
        return "failed"
    return "approved" if _is_rule(requested_by) and standing_order else "requested"


def _is_rule(requested_by: str) -> bool:
    return requested_by.startswith("rule:")


def check_amount(amount_cents: int, *, captured_cents: int, reserved_cents: int) -> None:
    """`reserved_cents`: all refunds of the same capture that did not fail, and what was lost by disputes.

    Raises RefundExceedsCapture.
    """
    left_cents = captured_cents - reserved_cents
    if amount_cents > left_cents:
        raise RefundExceedsCapture(
            f"{amount_cents} cents are asked for, {left_cents} of {captured_cents} captured cents are left.",
            [("amount_cents", f"at most {left_cents}")],
        )


def approvals_needed(refund: Refund) -> int:
    """Two persons release it. Who began it counts as the first; a rule is no person."""
    return 2 if _is_rule(refund.requested_by) else 1


def check_approver(refund: Refund, key_issuer: str | None, subject: str, given: Collection[str]) -> None:
    """`key_issuer`: who made the API key that asked for it, if one did: a key is no second person.

    Raises Forbidden, IllegalMove.
    """
    if refund.state != "requested":
        raise IllegalMove(f"The refund is {refund.state}; there is nothing to approve.")
    if f"staff:{subject}" in (refund.requested_by, key_issuer) or subject in given:
        raise Forbidden(
            "Whoever began a refund, made the key that did, or released it already, cannot be its second person."
        )


CHARGE_DISPUTED = "charge_disputed"
"""The gateways' word for a refund that is refused because the payer disputes the payment."""
DISPUTES_LAST = timedelta(days=120)
"""A refund that the provider still holds back after so long, with no dispute known here, is for a person."""
DISPUTE_LOST = "dispute_lost"
"""Why a refund failed of which no provider was asked."""


def refund_key(refund_id: UUID) -> str:
    return f"ref_{refund_id}:create"
