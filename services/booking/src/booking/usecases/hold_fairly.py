"""Holding a slot, where a client may hold so many at a time only.

The place among the client's reservations is taken first, in a short transaction of its own, and given back if nothing
was held: so the hold itself stays the one statement that it is, and costs nothing more where there is no cap.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from booking.domain.catalogue import Catalogue
from booking.domain.fairness import Proof, Solved, holds_allowed, too_many_holds_of_client
from booking.domain.reservation import HOLD, RESERVATION_MAX
from booking.domain.visit_plan import VisitPlan
from booking.store.fairness import (
    delete_forgotten,
    delete_open_hold,
    delete_used_challenge,
    insert_open_hold,
    lock_key,
    save_held,
)
from booking.usecases.admit import spend
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from contracts.tenant import Fairness
from kit.clock import Clock
from kit.sql import Pool


class Client(NamedTuple):
    """Who holds, as far as it counts."""

    key: bytes | None
    """Keyed hash of its address; null: a portal, which is not counted."""
    caps: Fairness
    proof: Proof


class _Place(NamedTuple):
    tenant: str
    client_key: bytes
    request_key: str


async def hold_fairly(
    pool: Pool,
    catalogue: Catalogue,
    plans: Sequence[VisitPlan],
    request: Request,
    now: datetime,
    client: Client,
    queue: HoldQueue | None = None,
) -> HeldAppointment:
    """Raises TooManyHolds, and what `hold_slot` raises."""
    cap = holds_allowed(client.caps, client.proof)
    if client.key is None or not (cap or isinstance(client.proof, Solved)):
        return await hold_slot(pool, catalogue, plans, request, now, queue)
    place = _Place(catalogue.tenant, client.key, request.key)
    is_new = await _take_place(pool, place, now, client.proof, cap)
    try:
        held = await hold_slot(pool, catalogue, plans, request, now, queue)
    except BaseException:
        if is_new:
            await _give_back(pool, place, client.proof)
        raise
    async with pool.acquire() as connection:
        await save_held(connection, *place, held.id, now + RESERVATION_MAX)
    return held


async def _take_place(pool: Pool, place: _Place, now: datetime, proof: Proof, cap: int) -> bool:
    """False: an earlier request of the same key has it. Who dies with it blocks it for as long as a hold lasts."""
    async with pool.acquire() as connection, connection.transaction():
        await lock_key(connection, place.client_key)
        taken = await insert_open_hold(connection, *place, now, now + HOLD, cap)
        if taken == "full":
            raise too_many_holds_of_client()
        if taken == "taken" and isinstance(proof, Solved):
            await spend(connection, proof)
        return taken == "taken"


async def _give_back(pool: Pool, place: _Place, proof: Proof) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await delete_open_hold(connection, *place)
        if isinstance(proof, Solved):
            await delete_used_challenge(connection, proof.nonce)


async def forget_open_holds(pool: Pool, clock: Clock) -> None:
    async with pool.acquire() as connection:
        await delete_forgotten(connection, clock())
