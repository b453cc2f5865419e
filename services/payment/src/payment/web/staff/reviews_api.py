"""`/v1/staff/reviews`: the payments that wait for a person's decision, and the decision."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from contracts.money import Money
from contracts.payment import PaymentView
from kit.requests import AnyRequest
from kit.web.language import Language
from payment.domain.attempt import AttemptState, Provider, Seen, SeenStatus
from payment.domain.payment import Method
from payment.domain.review import DECISIONS, Finding, Plan, ReviewDecision, cause_word, plan
from payment.store.reviews import TakenDecision
from payment.usecases.decide_review import decide_review
from payment.usecases.look_at_review import Case, list_reviews
from payment.web.staff.access import REVIEW, require_staff
from payment.web.wiring import once_of, tools_of

PAGE_MAX = 50


class ProviderWord(msgspec.Struct, frozen=True, kw_only=True):
    status: SeenStatus
    amount: Money
    reference: str
    """The Kassenzeichen as the provider has it."""


class ReviewedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: AttemptState
    method: Method
    provider: Provider
    captured: Money
    provider_says: ProviderWord | None
    """Just now; null where there is nothing to ask, or no answer."""


class PossibleDecision(msgspec.Struct, frozen=True, kw_only=True):
    decision: ReviewDecision
    meaning: str
    is_possible: bool
    why_not: str | None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    payment_id: UUID
    reference: str
    treasury_reference: str
    amount: Money
    since: datetime
    cause: str
    """The code; `cause_text` says it in words."""
    cause_text: str
    attempts: list[ReviewedAttempt]
    decisions: list[PossibleDecision]
    taken: list[TakenDecision]


class Reviews(msgspec.Struct, frozen=True):
    items: list[Review]
    next_cursor: str | None


class DecisionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decision: ReviewDecision
    note: Annotated[str, msgspec.Meta(min_length=3, max_length=500, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    """Why; for the file. No personal data."""


@get("/v1/staff/reviews", tags=["treasury"])
async def reviews(
    request: AnyRequest,
    *,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
) -> Reviews:
    """Oldest first, each as the provider has it just now, in the language of `Accept-Language`."""
    claims, tools = require_staff(request, REVIEW), tools_of(request)
    page = await list_reviews(tools, claims.tenant, cursor, limit, f"staff:{claims.subject}")
    t, now = request.app.state.site.language(request), tools.clock()
    return Reviews([_review(case, t, now) for case in page.items], page.next_cursor)


@post("/v1/staff/reviews/{payment_id:uuid}/decision", tags=["treasury"], status_code=200)
async def decide(
    request: AnyRequest, payment_id: FromPath[UUID], data: JSONBody[DecisionRequest]
) -> Response[PaymentView]:
    """409 where the facts do not allow it; `GET /v1/staff/reviews` says why not. 202 while the provider works."""
    claims = require_staff(request, REVIEW)
    once = await once_of(request, f"{claims.tenant}:review:{payment_id}")
    answer = await decide_review(
        tools_of(request), claims.tenant, payment_id, data.decision, data.note, once, subject=claims.subject
    )
    return Response(answer.payment, status_code=answer.status)


def _review(case: Case, t: Language, now: datetime) -> Review:
    payment, cause = case.payment, case.payment.review_cause or ""
    return Review(
        payment_id=payment.id,
        reference=payment.reference,
        treasury_reference=payment.treasury_reference,
        amount=payment.amount,
        since=case.since,
        cause=cause,
        cause_text=t(f"review.cause.{cause_word(cause)}", code=cause),
        attempts=[_attempt(finding, payment.currency) for finding in case.findings],
        decisions=[_decision(decision, case, t, now) for decision in DECISIONS],
        taken=case.taken,
    )


def _attempt(finding: Finding, currency: str) -> ReviewedAttempt:
    attempt = finding.attempt
    return ReviewedAttempt(
        id=attempt.id,
        state=attempt.state,
        method=attempt.method,
        provider=attempt.provider,
        captured=Money(attempt.captured_cents, currency),
        provider_says=_word(finding.says),
    )


def _word(says: Seen | None) -> ProviderWord | None:
    return ProviderWord(status=says.status, amount=says.amount, reference=says.reference) if says else None


def _decision(decision: ReviewDecision, case: Case, t: Language, now: datetime) -> PossibleDecision:
    chosen = plan(decision, case.payment, case.findings, now)
    return PossibleDecision(
        decision=decision,
        meaning=t(f"review.decision.{decision}"),
        is_possible=isinstance(chosen, Plan),
        why_not=None if isinstance(chosen, Plan) else t(f"review.obstacle.{chosen}"),
    )


routes = (reviews, decide)
