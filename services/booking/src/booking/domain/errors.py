"""All that can go wrong in booking and is somebody's to mend. The class says status, code and title.

BookingError
├── Invalid          400 invalid_request         a field is wrong; `errors` names it
├── Unauthorised     401 unauthorised            no token, or one that does not fit
├── Forbidden        403 forbidden               known, but not allowed to do this
├── NotFound         404 not_found
├── Conflict         409 conflict                the state does not allow it (any more)
│   ├── SlotTaken    409 slot_taken              somebody else was quicker
│   ├── HoldExpired  409 hold_expired            the reservation has lapsed
│   ├── HoldExhausted 409 hold_exhausted         it has lasted as long as one may
│   ├── PlanStale    409 plan_stale              the visits changed since the plan was made
│   ├── PaymentPending 409 payment_pending       a payment under way must arrive first
│   ├── PaidOnlineOnly 409 paid_online_only      the new fee is not taken at the counter
│   ├── TooEarly     409 too_early               not before the visit's day, or half an hour before it
│   ├── TooLate      409 too_late                the visit has begun, or a deadline before it is over
│   └── KeyReused    409 idempotency_key_reused  the key came before, with another body
├── TooMany          429 too_many_requests       a rate of requests; `retry_after_s` says when it is over
│   ├── TooManyHolds 429 too_many_holds          one client or person reserves too much at once
│   └── TooManyBookings 429 too_many_bookings    one person has too many visits to come
├── Gone             410 gone                    it was there, and its time is over
└── PaymentAway      503 payment_unavailable     the payment service does not answer; nothing is lost
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar


class BookingError(Exception):
    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = ""
    """Empty: what the status is called."""

    def __init__(self, detail: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        """Pairs (field, what is expected)."""
        self.more: Mapping[str, object] = {}
        """Further members of the answer (RFC 9457, 3.2)."""


class Invalid(BookingError):
    status = 400
    code = "invalid_request"

    @classmethod
    def field(cls, name: str, message: str) -> "Invalid":
        return cls(f"{name}: {message}", [(name, message)])


class Unauthorised(BookingError):
    status = 401
    code = "unauthorised"


class Forbidden(BookingError):
    status = 403
    code = "forbidden"


class NotFound(BookingError):
    status = 404
    code = "not_found"


class Conflict(BookingError):
    status = 409
    code = "conflict"


class SlotTaken(Conflict):
    code = "slot_taken"
    title = "Slot taken"

    def __init__(
        self,
        detail: str = "This time is no longer free. Please choose another one.",
        alternatives: Sequence[datetime] = (),
    ) -> None:
        super().__init__(detail)
        self.alternatives = tuple(alternatives)
        """Times at which the same visit would fit, where somebody looked."""
        if alternatives:
            self.more = {"alternatives": self.alternatives}


class HoldExpired(Conflict):
    code = "hold_expired"
    title = "Reservation lapsed"


class HoldExhausted(Conflict):
    code = "hold_exhausted"
    title = "Reservation exhausted"


class PlanStale(Conflict):
    code = "plan_stale"
    title = "Plan stale"

    def __init__(self, detail: str = "The visits changed since this plan was made. Ask for the plan again.") -> None:
        super().__init__(detail)


class PaymentPending(Conflict):
    code = "payment_pending"
    title = "Payment pending"


class PaidOnlineOnly(Conflict):
    code = "paid_online_only"
    title = "Paid online only"


class TooEarly(Conflict):
    code = "too_early"
    title = "Too early"


class TooLate(Conflict):
    code = "too_late"
    title = "Too late"


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    title = "Idempotency key reused"

    def __init__(self, detail: str = "This Idempotency-Key came before, with another body.") -> None:
        super().__init__(detail)


class TooMany(BookingError):
    status = 429
    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        """Seconds after which the same request may do better."""


class TooManyHolds(TooMany):
    code = "too_many_holds"
    title = "Too many reservations"


class TooManyBookings(TooMany):
    code = "too_many_bookings"
    title = "Too many appointments"


class Gone(BookingError):
    status = 410
    code = "gone"


class PaymentAway(BookingError):
    status = 503
    code = "payment_unavailable"
    title = "Payment unavailable"

    def __init__(
        self,
        detail: str = "The online payment does not answer at the moment. Your time stays reserved; try again soon.",
    ) -> None:
        super().__init__(detail)
