"""Where a visit by video takes place: the tenant's address with a token that only its own people can know."""

from uuid import UUID

from booking.domain.appointment import STANDING, Appointment
from booking.store.video_rooms import VideoRoom, find_video_room
from kit.sql import Connection
from kit.tokens import sign_id


async def find_video_url(connection: Connection, appointment: Appointment) -> str | None:
    """From the confirmation on. The token names nothing: neither number nor id can be read from it, or guessed."""
    if appointment.channel != "video" or appointment.state not in STANDING:
        return None
    room = await find_video_room(connection, appointment.tenant)
    return video_url_of(room, appointment.id) if room else None


def video_url_of(room: VideoRoom, appointment_id: UUID) -> str:
    _, _, token = sign_id(room.key, "video", appointment_id).rpartition(".")
    return room.template.replace("{room}", token)
