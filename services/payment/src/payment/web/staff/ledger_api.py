"""`/v1/staff/ledger`: is it whole?"""

from litestar import get

from kit.requests import AnyRequest
from payment.usecases.verify_ledger import LedgerVerification, verify_ledger
from payment.web.staff.access import TREASURY, require_staff
from payment.web.wiring import tools_of


@get("/v1/staff/ledger/verification", tags=["treasury"])
async def verification(request: AnyRequest) -> LedgerVerification:
    """The chain followed from its beginning. `break` names the first entry at which it does not hold."""
    claims = require_staff(request, TREASURY)
    return await verify_ledger(tools_of(request).unbound_pool, claims.tenant)


routes = (verification,)
