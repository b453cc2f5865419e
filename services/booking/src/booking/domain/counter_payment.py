"""What was paid at the counter: marked for statistics and the treasury. The cash itself is another system's."""

from datetime import datetime

from booking.domain.appointment import Appointment, By, Decision, decide
from booking.domain.change_items import due_cents
from booking.domain.errors import Conflict


def pay_at_counter(appointment: Appointment, amount_cents: int, now: datetime, by: By) -> Decision:
    """A second time corrects the first. Raises Conflict where the fee is paid online."""
    if appointment.payment_mode == "online" and not due_cents(appointment):
        raise Conflict("This fee is paid online; nothing is due at the counter.")
    return decide(appointment, "pay_at_counter", appointment.state, now, by=by, counter_paid_cents=amount_cents)
