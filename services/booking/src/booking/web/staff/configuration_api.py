"""`/v1/staff/configuration`: an admin says what the tenant offers, where, by whom and when."""

import msgspec
from litestar import post
from litestar.params import JSONBody

from booking.domain.configuration_diff import Change
from booking.usecases.configure_tenant import NewConfiguration, configure_tenant
from booking.web.staff.access import ADMINISTRATION, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest

BODY_BYTES_MAX = 4 * 1024 * 1024


class ConfigurationAnswer(msgspec.Struct, frozen=True):
    dry_run: bool
    """Nothing was written: these changes would be made."""
    changes: list[Change]


@post("/v1/staff/configuration", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def post_configuration(request: AnyRequest, data: JSONBody[NewConfiguration]) -> ConfigurationAnswer:
    """The whole configuration: what it leaves out is retired. The same one again changes nothing, so it needs no
    Idempotency-Key.
    """
    claims = require_staff(request, ADMINISTRATION)
    wiring = wired(request)
    found = await configure_tenant(wiring.pool, claims.tenant, data, wiring.clock)
    return ConfigurationAnswer(data.dry_run, list(found))


routes = (post_configuration,)
