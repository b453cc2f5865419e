"""Booking has forgotten the person of an appointment: so do we, in the transaction in which we hear of it."""

from contracts.booking import AppointmentEvent
from kit.clock import Clock
from kit.sql import Connection
from notify.store import erasure
from notify.store.appointments import lock_appointment
from notify.store.feeds import grow_all_revisions


async def erase_appointment(connection: Connection, event: AppointmentEvent, clock: Clock) -> None:
    """Under the locks of whoever writes mails about it: one that is being written meanwhile is thrown away.

    Feeds may name the citizen, so they are written anew. The event names no clerk.
    """
    await lock_appointment(connection, event.appointment_id)
    await erasure.lock_digests(connection, event.tenant)
    await erasure.save_erased(connection, event.appointment_id, event.version)
    await erasure.delete_suppressions(connection, event.appointment_id)
    await erasure.forget_mails(connection, event.appointment_id, clock())
    await grow_all_revisions(connection, event.tenant)
