"""Which service is offered where, for how long and for how many: said at the service, the location or both. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from booking.domain.configuration import LaneRecord, OfferingRecord, id_for
from booking.domain.zms.entries import Entry, Span, as_id
from booking.domain.zms.locations import Place
from booking.domain.zms.services import Naming

DURATION_ASSUMED_MIN = 15
_MINUTES = Span(1, 480)
_QUANTITY = Span(1, 20)
_SLOTS = Span(1, 96)


class Pair(NamedTuple):
    """A service at a location: as the service's entry tells it, and as the location's does."""

    at_service: Entry | None
    at_location: Entry | None


def pairs_of(services: Mapping[str, Entry], locations: Mapping[str, Entry]) -> dict[tuple[str, str], Pair]:
    found: dict[tuple[str, str], Pair] = {}
    for service_id, entry in services.items():
        for part in entry.parts("locations"):
            key = (service_id, _reference(part, "location", locations))
            found[key] = Pair(part, None)
    for location_id, entry in locations.items():
        for part in entry.parts("services"):
            key = (_reference(part, "service", services), location_id)
            found[key] = found.get(key, Pair(None, None))._replace(at_location=part)
    return {key: pair for key, pair in found.items() if all(key)}


def _reference(part: Entry, field: str, known: Mapping[str, Entry]) -> str:
    """Empty, and noted, where it names nobody."""
    id_ = as_id(part.get(field))
    if id_ is None or id_ not in known:
        part.note(field, "names none of this export", "left out")
        return ""
    return id_


def is_bookable(pair: Pair) -> bool:
    """Not where an appointment is not allowed (that is plain), nor where it is made in another system (noted)."""
    for part in pair:
        if part is None:
            continue
        appointment = part.part("appointment")
        if appointment.flag("allowed") is False:
            return False
        if appointment.flag("external"):
            appointment.note("external", "appointments are made in another system", "left out")
            return False
    return True


class Offer(NamedTuple):
    """All that is known of one service at one location."""

    service: Entry
    location: Entry
    pair: Pair
    place: Place


def offering_of(offer: Offer, naming: Naming, lanes: Iterable[LaneRecord]) -> OfferingRecord:
    duration = _duration_min(offer)
    return OfferingRecord(
        id=id_for(naming.tenant, "offering", f"zms/{offer.service.id}@{offer.location.id}"),
        service_id=naming.service_id(offer.service.id),
        unit_id=offer.place.unit.id,
        location_id=offer.place.location.id,
        duration_min=duration,
        extra_item_min=duration,  # ZMS takes the whole duration again for each further one
        max_quantity=_max_quantity(offer, duration),
        buffer_min=0,
        step_min=15,
        notice_min=120,
        window_days=60,
        audience="public" if _is_public(offer) else "internal",
        served_by=frozenset(lane.key for lane in lanes),
    )


def _duration_min(offer: Offer) -> int:
    """The location's, the service's, or slots times the length of a slot; on the grid of five minutes."""
    minutes = _first_number(offer, "duration", _MINUTES) or _slots_min(offer)
    if minutes is None:
        offer.service.note("duration", f"is missing at {offer.place.location.name}", f"{DURATION_ASSUMED_MIN} minutes")
        return DURATION_ASSUMED_MIN
    rounded = -(-minutes // 5) * 5
    if rounded != minutes:
        offer.service.note("duration", f"{minutes} minutes are no multiple of five", f"{rounded} minutes")
    return rounded


def _first_number(offer: Offer, field: str, limits: Span) -> int | None:
    parts = (offer.pair.at_location, offer.pair.at_service, offer.service)
    return next((number for part in parts if part and (number := part.number(field, limits)) is not None), None)


def _slots_min(offer: Offer) -> int | None:
    slot_min = offer.location.number("slotTimeInMinutes", _MINUTES)
    for part in offer.pair:
        slots = part.part("appointment").get("slots") if part else None
        if part and slots not in (None, "0", 0) and slot_min is not None:
            number = part.part("appointment").number("slots", _SLOTS)
            return number * slot_min if number and number * slot_min <= _MINUTES.most else None
    return None


def _max_quantity(offer: Offer, duration_min: int) -> int:
    quantity = _first_number(offer, "maxQuantity", _QUANTITY)
    if quantity is None:
        offer.service.note("maxQuantity", f"is missing at {offer.place.location.name}", "1")
        return 1
    longest = offer.place.longest_span_min
    if duration_min > longest:
        offer.service.note("duration", f"{offer.place.location.name} is never open that long", "no time is ever free")
    elif quantity * duration_min > longest:
        why = f"{quantity} take longer than {offer.place.location.name} is ever open"
        offer.service.note("maxQuantity", why, f"no time is free for more than {longest // duration_min}")
    return quantity


def _is_public(offer: Offer) -> bool:
    """What the location says of this service goes before what the service says. The office books the rest itself."""
    said = [part.flag("public") for part in (offer.pair.at_location, offer.pair.at_service, offer.service) if part]
    is_public = next((flag for flag in said if flag is not None), True)
    return is_public and offer.place.is_public and not _is_hidden(offer)


def _is_hidden(offer: Offer) -> bool:
    """ZMS does not show the location for these services."""
    if offer.service.id not in offer.location.ids("dontShowByServices"):
        return False
    if offer.location.has("allowDisabledServicesMix"):
        offer.location.note("allowDisabledServicesMix", "says with which others a service may be shown", "shown")
        return False
    return True
