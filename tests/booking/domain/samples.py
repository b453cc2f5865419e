"""An appointment to decide about."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PAYMENT = UUID("0193aaaa-0000-7000-8000-000000000001")


def appointment(**changes: object) -> Appointment:
    """Held just now, 46.00 € to be paid online or at the counter."""
    held = Appointment(
        id=UUID("0193bbbb-0000-7000-8000-000000000001"),
        tenant="erkelenz",
        number="K7MX-49QT",
        state="held",
        version=1,
        location_id=UUID("0193cccc-0000-7000-8000-000000000001"),
        unit_id=UUID("0193cccc-0000-7000-8000-000000000002"),
        lane_id=1,
        channel="on_site",
        starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=2, minutes=15),
        time_zone="Europe/Berlin",
        fee_cents=4600,
        fee_kind="fixed",
        payment_policy="online_optional",
        payment_mode="none",
        payment_id=None,
        payment_state=None,
        payment_version=0,
        payment_next_url=None,
        treasury_reference=None,
        paid_cents=0,
        refunded_cents=0,
        counter_paid_cents=None,
        citizen_uid=UUID("0193dddd-0000-4000-8000-000000000001"),
        citizen_sequence=0,
        held_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
        extension_count=0,
        return_url=None,
        unfinished_told_at=None,
        reminded_at=None,
        booked_via="online",
        overbooked=False,
        rebook_until=None,
        office_note="",
        created_at=NOW,
        updated_at=NOW,
    )
    return msgspec.structs.replace(held, **changes)


def awaiting(**changes: object) -> Appointment:
    paying = {
        "state": "awaiting_payment",
        "version": 3,
        "payment_mode": "online",
        "payment_id": PAYMENT,
        "payment_state": "created",
        "payment_version": 1,
        "expires_at": NOW + timedelta(minutes=35),
    }
    return appointment(**(paying | changes))


def paid(**changes: object) -> Appointment:
    confirmed = {
        "state": "confirmed",
        "version": 5,
        "payment_state": "paid",
        "payment_version": 4,
        "paid_cents": 4600,
        "expires_at": None,
    }
    return awaiting(**(confirmed | changes))
