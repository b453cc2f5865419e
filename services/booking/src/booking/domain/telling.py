"""What is told about an appointment that does not change: a reminder, a lost link. Each is a version of its own, since
readers of events apply newer versions only.
"""

from datetime import datetime

from booking.domain.appointment import Appointment, Decision, decide


def remind(appointment: Appointment, now: datetime) -> Decision:
    return decide(appointment, "remind", "confirmed", now, event="appointment.reminder_due", reminded_at=now)


def send_link(appointment: Appointment, now: datetime) -> Decision:
    return decide(appointment, "send_link", appointment.state, now, event="appointment.link_requested")
