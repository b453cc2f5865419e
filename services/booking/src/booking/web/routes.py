"""All that the API answers, a module a topic: one line here makes it part of the service."""

from collections.abc import Sequence
from typing import Final

from litestar.types import ControllerRouterHandler

from booking.web import (
    activation_api,
    agenda_api,
    appointments_api,
    catalogue_api,
    challenge,
    earliest_api,
    erasure_api,
    invitation_api,
    manage_api,
    rebooking_api,
    responsibility_api,
    search_api,
    staff,
    waitlist_api,
)

ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    *catalogue_api.routes,
    *earliest_api.routes,
    *responsibility_api.routes,
    *search_api.routes,
    *challenge.routes,
    *appointments_api.routes,
    *manage_api.routes,
    *activation_api.routes,
    *rebooking_api.routes,
    *waitlist_api.routes,
    *invitation_api.routes,
    *erasure_api.routes,
    *agenda_api.routes,
    *staff.ROUTES,
)
