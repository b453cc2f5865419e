"""Outgoing webhooks: which events they tell, what each says, and to which addresses they may go."""

from typing import Final, cast, get_args
from urllib.parse import urlsplit

from booking.domain.appointment import Appointment
from booking.domain.errors import Invalid
from booking.domain.return_url import origin_of
from contracts.booking import AppointmentEvent, AppointmentWebhook, WebhookType

TYPES: Final[frozenset[str]] = frozenset(get_args(WebhookType))
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def webhook_of(event: AppointmentEvent, appointment: Appointment) -> AppointmentWebhook | None:
    """None: an event that is nobody's business outside."""
    if event.type not in TYPES:
        return None
    return AppointmentWebhook(
        id=event.id,
        type=cast("WebhookType", event.type),
        tenant=event.tenant,
        appointment_id=event.appointment_id,
        version=event.version,
        state=event.state,
        start=appointment.starts_at,
        end=appointment.ends_at,
        occurred_at=event.occurred_at,
    )


def check_url(url: str, *, allow_loopback: bool, field: str = "url") -> None:
    """https, or http to this very machine where that is allowed. What its name leads to is checked when it is called.

    Raises Invalid.
    """
    if origin_of(url) is None:
        raise Invalid.field(field, "expected an address such as https://portal.example/hook, without a user name")
    parts = urlsplit(url)
    is_plain = allow_loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not is_plain:
        raise Invalid.field(field, "expected an address that begins with https://")
