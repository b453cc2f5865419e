from uuid import UUID

from kit.tokens import StaffClaims
from payment.domain.errors import IllegalMove, InvalidRequest, PaymentMissing
from payment.store.exceptions import TreasuryException, accept_open_exception, find_exception
from payment.usecases.tools import Tools

REASON_LENGTH_MAX = 300


async def accept_exception(tools: Tools, treasurer: StaffClaims, id_: UUID, reason: str) -> TreasuryException:
    """By name and with a reason. The same person again finds it done.

    Raises InvalidRequest, PaymentMissing, IllegalMove.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH_MAX or not reason.isprintable():
        raise InvalidRequest(("reason", f"1 to {REASON_LENGTH_MAX} characters in one line"))
    async with tools.acting_for(treasurer.tenant) as connection:
        is_taken = await accept_open_exception(
            connection, treasurer.tenant, id_, f"staff:{treasurer.subject}", reason, tools.clock()
        )
        found = await find_exception(connection, treasurer.tenant, id_)
        if found is None:
            raise PaymentMissing(f"There is no exception {id_}.")
        if not is_taken and (found.accepted_by, found.reason) != (f"staff:{treasurer.subject}", reason):
            raise IllegalMove(f"The exception is {found.state}: there is nothing to accept.")
        return found
