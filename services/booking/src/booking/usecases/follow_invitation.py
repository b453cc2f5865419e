"""Whoever holds an invitation's link chooses a time with it. It opens one appointment; a reservation that lapses gives
it back (the index `appointment_by_invitation`), and the confirmation uses it up (usecases/record.py).
"""

from uuid import UUID

from booking.domain.catalogue import Catalogue
from booking.domain.errors import Unauthorised
from booking.domain.hold import HoldOptions
from booking.domain.invitation import Invitation, invited_plans, require_open
from booking.store.invitations import OpenHold, clear_expired, find_invitation, find_open_hold
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from kit.clock import Clock
from kit.sql import Pool
from kit.tokens import TokenInvalid, read_id, sign_id

PURPOSE = "invitation"


def sign_invitation(link_key: str, invitation_id: UUID) -> str:
    return sign_id(link_key, PURPOSE, invitation_id)


async def follow_invitation(pool: Pool, link_key: str, clock: Clock, token: str) -> Invitation:
    """Raises Unauthorised, whatever is wrong with the link; Gone once it is used, withdrawn or past its time."""
    try:
        invitation_id = read_id(link_key, PURPOSE, token)
    except TokenInvalid:
        raise Unauthorised("This link does not work. Please use it as it stands in your mail.") from None
    async with pool.acquire() as connection:
        invitation = await find_invitation(connection, invitation_id)
    if invitation is None:
        raise Unauthorised("This link does not work. Please use it as it stands in your mail.")
    require_open(invitation, clock())
    return invitation


async def hold_invited(
    pool: Pool, catalogue: Catalogue, clock: Clock, invitation: Invitation, request: Request
) -> HeldAppointment:
    """Raises Gone, Invalid, SlotTaken, KeyReused, and Conflict while another reservation of it stands."""
    require_open(invitation, clock())
    options = HoldOptions(invitation_id=invitation.id)
    plans = invited_plans(catalogue, invitation)
    return await hold_slot(pool, catalogue, plans, request._replace(options=options), clock())


async def find_begun(pool: Pool, clock: Clock, invitation: Invitation) -> OpenHold | None:
    """Who comes back by the link goes on where they were."""
    async with pool.acquire() as connection:
        return await find_open_hold(connection, invitation.id, clock())


async def clear_invitations(pool: Pool, clock: Clock) -> None:
    """The worker's step: what is personal goes when the link's time is over."""
    async with pool.acquire() as connection:
        await clear_expired(connection, clock())
