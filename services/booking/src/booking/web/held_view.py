"""What a hold answers: the appointment as `GET /v1/appointments/{id}` shows it, and the token that opens it.

It is made of the catalogue in memory, not read back: most of what a rush asks for is this answer.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from booking.domain.catalogue import Catalogue
from booking.domain.change import last_moment
from booking.domain.errors import Conflict
from booking.domain.reservation import EXTENSIONS_MAX
from booking.domain.visit_plan import VisitPlan
from booking.usecases.hold_slot import HeldAppointment, quote_items
from booking.usecases.view_appointment import (
    AppointmentView,
    ClerkView,
    ItemView,
    LocationView,
    PaymentStatus,
    money,
)


class HeldView(AppointmentView, frozen=True, kw_only=True):
    access_token: str


def show_held(catalogue: Catalogue, plans: Sequence[VisitPlan], held: HeldAppointment, access_token: str) -> HeldView:
    """`plans` are those that it was held by. Raises Conflict where they changed before the request was repeated."""
    plan = next((plan for plan in plans if plan.location.id == held.location_id), None)
    if plan is None:
        raise Conflict("What is offered has changed since this time was reserved. Please choose again.")
    zone = ZoneInfo(plan.location.time_zone)
    lane = catalogue.lanes[held.lane_id]
    offerings = [part.offering for part in plan.items]
    cancel_until_h = max(offering.cancel_until_h for offering in offerings)
    reschedule_until_h = max(offering.reschedule_until_h for offering in offerings)
    return HeldView(
        id=held.id,
        tenant=catalogue.tenant,
        number=held.number,
        state="held",
        version=held.version,
        start=held.start.astimezone(zone),
        end=held.end.astimezone(zone),
        time_zone=plan.location.time_zone,
        channel=plan.channel,
        expires_at=held.expires_at.astimezone(zone),
        extensions_left=EXTENSIONS_MAX,
        cancel_until=last_moment(held.start, cancel_until_h).astimezone(zone),
        reschedule_until=last_moment(held.start, reschedule_until_h).astimezone(zone),
        unit=catalogue.units[plan.unit_id],
        location=_location(plan, lane.room),
        clerk=ClerkView(lane.name, lane.function),
        items=_items(plan, held),
        documents=tuple(dict.fromkeys(document for part in plan.items for document in part.service.documents)),
        video_url=None,
        fee=money(held.fee_cents),
        fee_kind=held.fee_kind,
        payment=_no_payment(held),
        contact=None,
        is_bound=False,
        return_url=None,
        office_note="",
        rebook_until=None,
        is_waiting=False,
        earlier=None,
        access_token=access_token,
    )


def _location(plan: VisitPlan, room: str | None) -> LocationView:
    place = plan.location
    return LocationView(
        id=place.id, name=place.name, street=place.street, postcode=place.postcode, city=place.city, room=room
    )


def _items(plan: VisitPlan, held: HeldAppointment) -> tuple[ItemView, ...]:
    return tuple(
        ItemView(
            service_id=part.service.id,
            service=part.service.name,
            service_en=part.service.name_en,
            quantity=part.quantity,
            duration_min=part.duration_min,
            fee=money(row.fee_cents),
            documents=part.service.documents,
            documents_en=part.service.documents_en,
        )
        for part, row in zip(plan.items, quote_items(plan, held.start), strict=True)
    )


def _no_payment(held: HeldAppointment) -> PaymentStatus:
    """How it will be paid is said by the binding step."""
    return PaymentStatus(
        mode="none",
        policy=held.payment_policy,
        may_switch_to_counter=False,
        id=None,
        state=None,
        next_url=None,
        expires_at=None,
        treasury_reference=None,
        paid=None,
        refunded=None,
        due_at_counter=None,
        status_url=None,
    )
