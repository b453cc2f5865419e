"""The staff's calls, a module a topic: one line here makes it part of the service."""

from collections.abc import Sequence
from typing import Final

from litestar.types import ControllerRouterHandler

from payment.web.staff import (
    api_keys_api,
    day_closes_api,
    disputes_api,
    ledger_api,
    reconciliation_api,
    refunds_api,
    retention_api,
    reviews_api,
    statements_api,
)

STAFF_ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    *api_keys_api.routes,
    *ledger_api.routes,
    *statements_api.routes,
    *reconciliation_api.routes,
    *day_closes_api.routes,
    *disputes_api.routes,
    *refunds_api.routes,
    *reviews_api.routes,
    *retention_api.routes,
)
