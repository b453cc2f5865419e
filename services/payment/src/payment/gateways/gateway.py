"""What payment wants of a provider: one Protocol, frozen results, and the errors every gateway maps its own to.

    GatewayError
    ├── GatewayUnavailable   the outcome is unknown or nothing happened: call again, with the same key
    └── GatewayRefused       final: the same call will never succeed; `code` says why
    WebhookInvalid           unsigned, tampered, stale, of another account or mode: answer 4xx, store nothing

Every call that moves something takes a `key` that is derived from the caller's own row and survives its retries: with
the same key the effect happens once. Providers forget keys (Stripe after 24 hours, PayPal order keys after 6 hours,
its capture and refund keys after 45 days); therefore gateways look at the object before they capture, void or refund,
and answer from it where the effect is already there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from contracts.money import Money
from payment.domain.movement import Movement, Payout

CaptureMode = Literal["automatic", "manual"]

SessionStatus = Literal[
    "open",  # the citizen has not finished, or was declined and may try again
    "approved",  # the citizen agreed, no money is reserved yet: call `authorise`, again if need be
    "authorised",  # money is reserved: capture or void it
    "paid",  # money is captured
    "closed",  # over without money: expired, closed by us, voided, or refused for good
]


class GatewayError(Exception):
    """Base of what a provider's call may raise. `code` is a word for logs and the treasury, never a person's data."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class GatewayUnavailable(GatewayError):
    """No answer, 429 or 5xx. Whether the effect happened is unknown; the same key makes the retry safe."""


class GatewayRefused(GatewayError):
    """The provider (or a gateway's own check) refused for good."""


class WebhookInvalid(Exception):
    """The webhook is not to be trusted. The cause is for the log, never for the sender."""


class SessionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A position of the order as a provider may learn it: how much, and what the treasury books it by. No words."""

    quantity: int
    amount_cents: int
    """Of one."""
    booking_data: Mapping[str, str] = {}


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """`label` and `reference` are all that a provider learns: a neutral word ("Gebühr") and the Kassenzeichen.

    `items` are for systems that book by them (XBezahldienste). Their sum is `amount`; without any, it is one position.
    """

    attempt_id: str
    key: str
    amount: Money
    capture: CaptureMode
    reference: str
    success_url: str
    cancel_url: str
    requested_at: datetime
    """When the attempt began: the same in every retry."""
    expires_at: datetime
    """When we want it over. Stripe refuses less than 30 minutes ahead and PayPal takes none: the caller closes it."""
    label: str = "Gebühr"
    items: tuple[SessionItem, ...] = ()
    language: Literal["de", "en"] = "de"


class OpenedSession(msgspec.Struct, frozen=True, kw_only=True):
    session_id: str
    redirect_url: str
    """The provider's hosted page. It may hold a secret of the session: for the citizen's browser, not for logs."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """All of a card that is ever kept."""

    brand: str
    last4: str
    expiry_month: int | None = None
    expiry_year: int | None = None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's truth about one session, read just now.

    `amount` is what the session is for while it is open, what is reserved once authorised, what was captured once paid:
    compare it, and `reference`, with the payment at every step.
    """

    session_id: str
    status: SessionStatus
    amount: Money
    reference: str
    authorization_id: str | None = None
    """Names the reserved money, for `capture` and `void`."""
    capture_id: str | None = None
    """Names the captured money, for `refund`."""
    authorization_expires_at: datetime | None = None
    card: Card | None = None
    last_decline: str | None = None
    """The provider's code of the latest decline, if there was one; it belongs to the attempt, not to the payment."""


class CaptureView(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["paid", "pending", "refused"]
    amount: Money
    capture_id: str | None = None
    code: str | None = None
    """Why it is pending or was refused."""


class VoidView(msgspec.Struct, frozen=True, kw_only=True):
    """`captured` means that it is too late: the money must be refunded."""

    status: Literal["voided", "captured"]


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    refund_id: str
    status: Literal["succeeded", "pending", "failed"]
    amount: Money
    code: str | None = None


class Movements(msgspec.Struct, frozen=True):
    """Read from `since` on. `complete_until`: later ones may still be missing (PayPal reports up to 3 hours late)."""

    items: tuple[Movement, ...]
    payouts: tuple[Payout, ...]
    complete_until: datetime


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    dispute_id: str
    status: Literal["opened", "won", "lost"]
    """As the merchant sees it."""
    amount: Money
    capture_id: str
    """Names the captured money, as `SessionView.capture_id`."""
    reason: str
    taken_cents: int | None = None
    """Once lost: what was taken from us; None where the provider does not say. In the currency of `amount`."""
    fee_cents: int = 0
    """What the provider charges for it, where the dispute names that."""
    opened_at: datetime
    respond_by: datetime | None = None


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A hint to look: which object to read again. It carries no amount and no state, since neither may be believed."""

    id: str
    """The provider's event id: unique per provider, also across its retries."""
    type: str
    object_id: str
    """Whatever the event is about: a session, authorization, capture, refund or dispute."""
    session_id: str | None = None
    refund_id: str | None = None
    dispute_id: str | None = None
    attempt_id: str | None = None
    """As given to `open_session`, where the provider hands it back."""


def require_same(wanted: Money, found: Money) -> None:
    """What we command and what the provider holds must be one amount. Raises GatewayRefused `amount_differs`."""
    if wanted != found:
        detail = f"{wanted.amount_cents} {wanted.currency}, the provider has {found.amount_cents} {found.currency}"
        raise GatewayRefused("amount_differs", detail)


class Gateway(Protocol):
    """One tenant's account at one provider. Every call may raise GatewayUnavailable or GatewayRefused."""

    async def open_session(self, request: OpenSession) -> OpenedSession: ...

    async def read_session(self, session_id: str) -> SessionView:
        """A session that the provider no longer knows raises GatewayRefused `session_not_found`: no money comes of it.

        PayPal forgets an order that nobody approved after some hours.
        """

    async def close_session(self, session_id: str, key: str) -> SessionView:
        """End an unfinished session. One that turned out complete is left as it is: the view says authorised or paid.

        XBezahldienste cannot end one: while the citizen may still pay there, this raises GatewayUnavailable. PayPal
        orders cannot be ended either: there `closed` is our promise never to call `authorise`. Therefore settle an
        `authorise` of unknown outcome first.
        """

    async def authorise(self, session_id: str, key: str) -> SessionView:
        """Turn an approval into reserved (manual) or captured (automatic) money. Declined: `open`, `last_decline`."""

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        """Capture the whole authorization; another amount raises GatewayRefused `amount_differs`."""

    async def void(self, authorization_id: str, key: str) -> VoidView: ...

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:
        """More than is left raises GatewayRefused `refund_exceeds_capture`; what the payer disputes, or got back by
        that, `charge_disputed`.
        """

    async def read_refund(self, refund_id: str) -> RefundView: ...

    async def read_movements(self, since: datetime, until: datetime) -> Movements:
        """All of the account between the two, and also earlier ones that a payout of that time consists of."""

    async def read_dispute(self, dispute_id: str) -> DisputeView: ...

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:
        """Raise WebhookInvalid unless the provider signed exactly these bytes for this account. Names are lower case.

        Raises GatewayUnavailable if PayPal's certificate cannot be fetched: answer 503, PayPal tries again.
        """
