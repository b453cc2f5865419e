"""What can go wrong in payment, as callers see it.

PaymentError
├── InvalidRequest         400  a field is wrong; `errors` names it
│   ├── SumDiffers         400  XBezahldienste: the items do not make up the amount
│   └── BookingDataMissing 400  XBezahldienste: what the treasury books by is missing
├── Unauthorised           401  no key, or not a valid one
├── Forbidden              403  the key or the person may not do this
├── OriginatorUnknown      403  XBezahldienste: no such online service, or not for this authority
├── PaymentMissing         404
├── KeyReused              409  same Idempotency-Key, another body
├── PaymentExists          409  XBezahldienste: the same requestId, another request
├── BegunElsewhere         409  the other provider cannot end its session, and may still take the money
├── IllegalMove            409  the payment's state does not allow it
├── RefundExceedsCapture   409  more than was captured and is not yet given back
├── DayNotBalanced         409  something of the day waits, or is an exception that nobody accepted
├── BankAccountMissing     409  the tenant's account is not configured: no statement can be taken
├── StatementDiffers       409  a bank statement of that number was read with other entries
├── PaymentDisputed        409  the payer calls the money back at the provider: no refund
├── PaymentOver            410  its time is up, or it was cancelled
├── PayloadTooLarge        413
├── TooMany                429  a rate; `retry_after_s` says when it is over
├── ProviderRefused        502  the provider said no to opening a session
└── ProviderUnavailable    503  no answer; trying again is safe
"""

from collections.abc import Sequence


class PaymentError(Exception):
    """Root of the tree. The class says status, code and title; the instance what it is about."""

    status = 500
    code = "internal"
    title = ""
    """Empty: what the status is called."""

    def __init__(self, detail: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class InvalidRequest(PaymentError):
    status, code = 400, "invalid_request"

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors), errors)


class SumDiffers(InvalidRequest):
    code, title = "calculation_error", "The amounts do not add up"


class BookingDataMissing(InvalidRequest):
    code, title = "booking_data_missing", "Booking data is missing"


class Unauthorised(PaymentError):
    status, code = 401, "unauthorised"


class Forbidden(PaymentError):
    status, code = 403, "forbidden"


class OriginatorUnknown(PaymentError):
    status, code, title = 403, "originator_unknown", "No such originator or end point"


class PaymentMissing(PaymentError):
    status, code = 404, "not_found"


class KeyReused(PaymentError):
    status, code, title = 409, "idempotency_key_reused", "Idempotency key reused"


class BegunElsewhere(PaymentError):
    status, code, title = 409, "begun_elsewhere", "Begun with another provider"


class PaymentExists(PaymentError):
    status, code, title = 409, "payment_exists", "The payment exists"


class IllegalMove(PaymentError):
    status, code, title = 409, "illegal_state", "Not possible in this state"


class RefundExceedsCapture(PaymentError):
    status, code, title = 409, "refund_exceeds_capture", "Refund exceeds what was captured"


class DayNotBalanced(PaymentError):
    status, code, title = 409, "day_not_balanced", "The day is not balanced"


class BankAccountMissing(PaymentError):
    status, code, title = 409, "bank_account_missing", "No bank account is configured"


class StatementDiffers(PaymentError):
    status, code, title = 409, "statement_differs", "Another statement of that number"


class PaymentDisputed(PaymentError):
    status, code, title = 409, "payment_disputed", "The payment is disputed"


class PaymentOver(PaymentError):
    status, code, title = 410, "payment_over", "Payment is over"


class PayloadTooLarge(PaymentError):
    status, code = 413, "too_large"


class TooMany(PaymentError):
    status, code = 429, "too_many_requests"

    def __init__(self, detail: str, *, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ProviderRefused(PaymentError):
    status, code, title = 502, "provider_refused", "The payment provider refused"


class ProviderUnavailable(PaymentError):
    status, code, title = 503, "provider_unavailable", "The payment provider does not answer"
