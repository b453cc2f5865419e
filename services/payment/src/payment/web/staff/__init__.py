"""The staff's calls, a module a topic: one line here makes it part of the service."""

from collections.abc import Sequence
from typing import Final

from litestar.types import ControllerRouterHandler

from payment.web.staff import api_keys_api

STAFF_ROUTES: Final[Sequence[ControllerRouterHandler]] = (*api_keys_api.routes,)
