"""The staff's calls, a module a topic: one line here makes it part of the service."""

from collections.abc import Sequence
from typing import Final

from litestar.types import ControllerRouterHandler

from booking.web.staff import (
    absence_api,
    arrival_api,
    bookings_api,
    configuration_api,
    conflicts_api,
    directory_api,
    erasure_api,
    explanations_api,
    handling_api,
    invitations_api,
    reassign_tasks_api,
    rebooking_api,
    responsibility_rules_api,
    rules_api,
    statistics_api,
    visits_api,
    webhooks_api,
)

ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    *visits_api.routes,
    *handling_api.routes,
    *arrival_api.routes,
    *bookings_api.routes,
    *rebooking_api.routes,
    *absence_api.routes,
    *invitations_api.routes,
    *rules_api.routes,
    *conflicts_api.routes,
    *reassign_tasks_api.routes,
    *explanations_api.routes,
    *responsibility_rules_api.routes,
    *webhooks_api.routes,
    *configuration_api.routes,
    *statistics_api.routes,
    *erasure_api.routes,
    *directory_api.routes,
)
